package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.harness.store.Sha256;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles of a small sweep written. */
class BundleIT {

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

    @Test
    void equal_folders_give_equal_bytes_and_an_existing_archive_is_kept() throws IOException {
        Path again = folder.resolve("again.zip");
        assertThat(Ended.of("bundle", sweep.toString(), "--out", again.toString(), "--with-models")
                        .code())
                .isZero();
        assertThat(SmallBundle.entries(again)).anyMatch(name -> name.contains("/checkpoints/final/"));
        assertThat(Ended.of("bundle", sweep.toString(), "--out", again.toString())
                        .err())
                .contains("--out must not exist, got " + again);
        assertThat(Ended.of("bundle", sweep.toString(), "--out", again.toString(), "--overwrite")
                        .code())
                .isZero();
        assertThat(again).hasSameBinaryContentAs(bundle);
    }

    @Test
    void an_extracted_bundle_is_a_sweep_folder() throws IOException {
        Path extracted = folder.resolve("extracted");
        try (FileSystem zip = SmallBundle.zip(bundle);
                var files = Files.walk(zip.getPath("/"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = extracted.resolve(file.toString().substring(1));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        Ended results = Ended.of("results", extracted.toString());
        assertThat(results.out())
                .isEqualTo(Ended.of("results", sweep.toString()).out());
        assertThat(results.err()).isEmpty();
    }

    @Test
    void unfinished_and_failed_cells_are_in_the_bundle_and_said() throws IOException {
        Path copy = new RecordedRuns(folder).copied(sweep, "sweep");
        List<Path> runs;
        try (var all = Files.list(copy.resolve("runs"))) {
            runs = all.filter(Files::isDirectory).sorted().toList();
        }
        Files.writeString(runs.get(0).resolve("metrics.jsonl"), "{}\n");
        Map<String, Object> record =
                new LinkedHashMap<>(Json.read(Files.readString(runs.get(1).resolve("run.json"))));
        record.remove("sha256");
        record.remove("files");
        record.put("status", "failed");
        record.put("error", "loss must be finite, got NaN");
        record.put("result", Map.of());
        Files.writeString(runs.get(1).resolve("run.json"), Json.sealed(record));
        Path out = folder.resolve("partial.zip");
        Ended ended = Ended.of("bundle", copy.toString(), "--out", out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err())
                .contains(
                        "run " + runs.get(0).getFileName() + " is damaged: metrics.jsonl must have",
                        "run " + runs.get(1).getFileName() + " is failed: loss must be finite, got NaN",
                        "report.html and figures are of other results");
        Ended verified = Ended.of("verify", out.toString());
        assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
        assertThat(verified.out()).contains("2 completed, 1 damaged, 1 failed");
    }

    @Test
    void a_run_folder_is_bundled_too_and_a_folder_without_runs_is_refused() throws IOException {
        Path run;
        try (var all = Files.list(sweep.resolve("runs"))) {
            run = all.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        Path out = folder.resolve("run.zip");
        assertThat(Ended.of("bundle", run.toString(), "--out", out.toString()).code())
                .isZero();
        Ended verified = Ended.of("verify", out.toString());
        assertThat(verified.code()).as(verified.out()).isZero();
        assertThat(verified.out()).contains("runs: 1 of 1");

        Ended none = Ended.of("bundle", folder.toString(), "--out", out + "2");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("folder must be a sweep's (with runs/) or a run's");
        Files.createDirectories(folder.resolve("empty/runs"));
        Ended empty = Ended.of("bundle", folder.resolve("empty").toString(), "--out", out + "2");
        assertThat(empty.err()).contains("folder must hold at least one run, got none");
    }

    @Test
    void a_bundle_is_made_without_a_change_of_its_folder_and_has_a_report_though_the_folder_has_none()
            throws IOException {
        Path copy = new RecordedRuns(folder).copied(sweep, "without-report");
        for (String name : List.of("report.html", "figures", "tables", "results.csv")) {
            DurableFiles.delete(copy.resolve(name));
        }
        Map<String, String> before = contents(copy);

        Ended ended = Ended.of(
                "bundle", copy.toString(), "--out", folder.resolve("new.zip").toString());

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(contents(copy)).isEqualTo(before);
        assertThat(SmallBundle.entries(folder.resolve("new.zip")))
                .contains("/report.html", "/tables/results.tex")
                .anyMatch(name -> name.startsWith("/figures/"));
    }

    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (var files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.toString(), Files.isDirectory(file) ? "" : Sha256.of(Files.readAllBytes(file)));
            }
        }
        return contents;
    }
}
