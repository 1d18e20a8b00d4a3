package dpo.report.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.store.Sha256;
import dpo.report.results.RunFolderWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data of a bundle: hashes always, files if wanted. */
final class BundledDataTest {

    private static final String ROWS = "{\"prompt\":\"p\"}\n";

    @TempDir
    private Path folder;

    private Path data;
    private Path sweep;

    @BeforeEach
    void write() throws IOException {
        data = Files.writeString(Files.createDirectory(folder.resolve("data")).resolve("pairs.jsonl"), ROWS);
        sweep = folder.resolve("sweep");
        Map<String, Object> train =
                Map.of("file", data.toString(), "sha256", Sha256.of(ROWS), "read", "3", "used", "2");
        for (String id : List.of("a", "b")) {
            RunFolderWriter.run(sweep, id)
                    .with(
                            "provenance",
                            Map.of("train", train, "model", Map.of("fingerprint", "f", "settings", Map.of())))
                    .write();
        }
    }

    private Path bundle(boolean withData) {
        Path out = folder.resolve(withData + ".zip");
        Bundle.write(sweep, out, new Bundle.Parts(withData, false));
        return out;
    }

    private static String text(Path bundle, String entry) throws IOException {
        try (ZipFile zip = new ZipFile(bundle.toFile())) {
            return new String(zip.getInputStream(zip.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void the_manifest_has_hash_length_and_rows_of_each_file_once() throws IOException {
        assertThat(text(bundle(false), "data.json"))
                .contains(
                        "\"" + Sha256.of(ROWS) + "\" : {", "\"name\" : \"pairs.jsonl\"", "\"bytes\" : " + ROWS.length())
                .contains("\"rows\" : \"3\"", "\"train\" : \"2\"", "\"f\" : { }")
                .doesNotContain(folder.toString())
                .containsOnlyOnce("pairs.jsonl");
    }

    @Test
    void the_files_are_added_if_wanted_and_must_then_be_those_that_were_read() throws IOException {
        String entry = "data/" + Sha256.of(ROWS).substring(0, 12) + "-pairs.jsonl";
        assertThat(text(bundle(true), entry)).isEqualTo(ROWS);
        Files.writeString(data, "other");
        assertThat(text(bundle(false), "data.json")).doesNotContain("bytes");
        assertThatThrownBy(() -> bundle(true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data file must be in its place with the content that the runs have read")
                .hasMessageContaining(data.toString());
    }

    @Test
    void moved_data_files_are_found_by_their_hash() throws IOException {
        Path bundle = bundle(false);
        Path moved = Files.createDirectories(folder.resolve("moved/deep"));
        assertThat(check(bundle, moved).differences())
                .containsExactly("missing: pairs.jsonl, SHA-256 " + Sha256.of(ROWS));
        Files.move(data, moved.resolve("renamed"));
        assertThat(check(bundle, folder.resolve("moved")).counts()).startsWith("1 of 1 data files");
        assertThatThrownBy(() -> check(bundle, folder.resolve("none")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("--data must be a folder, got ");
    }

    private static Check check(Path bundle, Path place) {
        List<Check> checks = new ArrayList<>();
        Verification.of(bundle, Backends.onClassPath(), List.of(place), checks::add, extracted -> {});
        return checks.get(checks.size() - 1);
    }
}
