package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Json;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles of a small sweep verified: intact, and damaged in every way. */
class VerifyIT {

    @TempDir
    static Path shared;

    private static Path sweep;
    private static Path bundle;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        SmallBundle small = SmallBundle.in(shared);
        sweep = small.sweep();
        bundle = small.archive();
    }

    private static Ended verify(Path file) {
        return Ended.of("verify", file.toString());
    }

    @Test
    void an_intact_bundle_is_verified_with_every_number_that_its_files_determine() {
        Ended ended = verify(bundle);
        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.out().lines()).allMatch(line -> line.startsWith("ok ") || line.equals("verified"));
        assertThat(ended.out())
                .contains("runs: 4 of 4", "4 completed", "(not recomputed: 8 forward_kl_per_token)")
                .containsPattern("evaluations: (1\\d\\d) of \\1 numbers follow from pairs.jsonl");
    }

    @Test
    void a_run_of_the_bundle_is_computed_again() throws IOException {
        String id;
        try (var runs = Files.list(sweep.resolve("runs"))) {
            id = runs.filter(Files::isDirectory)
                    .findFirst()
                    .orElseThrow()
                    .getFileName()
                    .toString();
        }
        Ended again = Ended.of("verify", bundle.toString(), "--rerun", id);
        assertThat(again.code()).as(again.out() + again.err()).isZero();
        assertThat(again.out())
                .contains("computed again: " + id + "\n", "not compared: the recorded run is without it")
                .endsWith("verified\n");
        Ended unknown = Ended.of("verify", bundle.toString(), "--rerun", "x");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("--rerun must be the id of a run of the bundle, got x");
    }

    @Test
    void a_run_that_cannot_be_computed_again_is_not_called_different() throws IOException {
        RunFolder run = RunFolder.in(
                        new RecordedRuns(folder).copied(sweep, "interrupted").resolve("runs"))
                .get(0);
        RunRecord record = run.record().orElseThrow();
        run.write(new RunRecord(
                record.id(),
                record.name(),
                RunRecord.Status.INTERRUPTED,
                record.settings(),
                record.identity(),
                record.provenance(),
                record.environment(),
                record.started(),
                record.finished(),
                record.seconds(),
                record.result(),
                record.error(),
                record.files()));
        Path archive = folder.resolve("interrupted.zip");
        Ended.of("bundle", folder.resolve("interrupted").toString(), "--out", archive.toString());

        Ended ended = Ended.of("verify", archive.toString(), "--rerun", record.id());

        assertThat(ended.code()).as(ended.out() + ended.err()).isEqualTo(2);
        assertThat(ended.err()).contains("run must be completed, got one that is interrupted");
        assertThat(ended.out()).endsWith("the run was not computed again\n");
    }

    @Test
    void each_changed_byte_is_found() throws IOException {
        byte[] bytes = Files.readAllBytes(bundle);
        for (int place = 100; place < bytes.length; place += bytes.length / 25) {
            byte[] changed = bytes.clone();
            changed[place] ^= 1;
            Ended ended = verify(Files.write(folder.resolve("changed.zip"), changed));
            assertThat(ended.code()).as("byte " + place).isBetween(1, 2);
            assertThat(ended.out() + ended.err())
                    .containsAnyOf("changed: ", "missing: ", "must be a whole zip archive", "as it was written");
        }
    }

    @Test
    void a_truncated_bundle_another_file_and_a_missing_one_are_named() throws IOException {
        byte[] bytes = Files.readAllBytes(bundle);
        Path truncated = Files.write(folder.resolve("t.zip"), Arrays.copyOf(bytes, bytes.length / 2));
        Path text = Files.writeString(folder.resolve("x.txt"), "text");
        for (Path file : List.of(truncated, text)) {
            Ended ended = verify(file);
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.err()).contains("bundle must be a whole zip archive, got a truncated or damaged one");
        }
        assertThat(verify(folder.resolve("none.zip")).err()).contains("must be a file, got no such file");
        assertThat(verify(folder).err()).contains("must be a file, got a folder");
    }

    @Test
    void entries_outside_of_the_archive_are_refused_and_nothing_is_written() throws IOException {
        for (String name : List.of("../evil.txt", "/evil.txt", "a/../../evil.txt", "a\\..\\evil.txt", "C:evil.txt")) {
            Path file = folder.resolve("evil.zip");
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(1);
            }
            Ended ended = verify(file);
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.err()).contains("must be relative paths within it, got " + name);
        }
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("other.zip")))) {
            zip.putNextEntry(new ZipEntry("a.txt"));
        }
        assertThat(verify(folder.resolve("other.zip")).err())
                .contains("must be a bundle of dpo bundle, with bundle.json");
    }

    @Test
    void changed_missing_and_extra_entries_are_named() throws IOException {
        Path file = Files.copy(bundle, folder.resolve("changed.zip"));
        try (FileSystem zip = SmallBundle.zip(file)) {
            Files.writeString(zip.getPath("/results.csv"), "id\r\n");
            Files.delete(zip.getPath("/data.json"));
            Files.writeString(zip.getPath("/extra.txt"), "x");
        }
        Ended ended = verify(file);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out())
                .contains("  changed: results.csv\n", "  missing: data.json\n", "  extra: extra.txt\n")
                .endsWith("different\n");
    }

    @Test
    void a_number_that_the_files_do_not_give_is_found_though_all_hashes_are_right() throws IOException {
        Path file = Files.copy(bundle, folder.resolve("forged.zip"));
        forge(file, "results.csv", text -> text.replaceFirst(",0\\.5,", ",0.75,"));
        Ended table = verify(file);
        assertThat(table.code()).isEqualTo(1);
        assertThat(table.out()).contains("different  tables: ", "results.csv, row 1, ", " is 0.75, recomputed 0.5");

        Files.copy(bundle, folder.resolve("pairs.zip"));
        String pairs = SmallBundle.entries(bundle).stream()
                .filter(name -> name.contains("sigmoid") && name.endsWith("pairs.jsonl"))
                .map(name -> name.substring(1))
                .findFirst()
                .orElseThrow();
        forge(folder.resolve("pairs.zip"), pairs, text -> text.replaceFirst("\"chosen\":-", "\"chosen\":-1"));
        Ended damaged = verify(folder.resolve("pairs.zip"));
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.out()).contains("is completed, recomputed damaged");
    }

    /** Changes an entry and writes its hash into the manifest. */
    @SuppressWarnings("unchecked") // the manifest is made of maps from names
    private static void forge(Path file, String name, UnaryOperator<String> change) {
        try (FileSystem zip = SmallBundle.zip(file)) {
            Path entry = zip.getPath(name);
            byte[] forged = change.apply(Files.readString(entry)).getBytes(StandardCharsets.UTF_8);
            Files.write(entry, forged);
            Map<String, Object> manifest = Json.read(Files.readString(zip.getPath("/bundle.json")));
            manifest.remove("sha256");
            Map<String, Object> written = new LinkedHashMap<>();
            written.put("bytes", forged.length);
            written.put("sha256", Sha256.of(forged));
            ((Map<String, Object>) manifest.get("entries")).put(name, written);
            Files.writeString(zip.getPath("/bundle.json"), Json.sealed(manifest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
