package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the controlled world computed again. */
class ReproduceCommandTest {

    @TempDir
    static Path scratch;

    private static RecordedRuns runs;
    private static Path run;

    @BeforeAll
    static void train() {
        runs = new RecordedRuns(scratch);
        run = runs.trained("run");
    }

    private static Ended reproduce(Path folder, String... options) {
        String[] arguments = new String[2 + options.length];
        arguments[0] = "reproduce";
        arguments[1] = folder.toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        return Ended.of(arguments);
    }

    private static String out(String name) {
        return scratch.resolve("again-" + name).toString();
    }

    @Test
    void a_copied_run_is_identical_and_its_repetition_is_deleted() {
        Ended ended = reproduce(runs.copied(run, "copy"));
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .startsWith("identical\n")
                .contains("metrics.jsonl", "evaluations.jsonl", "pairs.jsonl", "result", "checkpoints/final")
                .contains("equal settings, data, model, code and environment");
        assertThat(ended.err()).doesNotContain("the new run");
    }

    @Test
    void a_cell_of_a_sweep_is_reproduced_and_kept_in_the_given_folder() {
        Path sweep = runs.swept("sweep", "sweep: {seed: [1, 2]}\n");
        Path cell = RunFolder.in(sweep.resolve("runs")).get(1).path();
        Ended ended = reproduce(cell, "--out", out("cell"));
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(new RunFolder(Path.of(out("cell"))).record()).isPresent();
        assertThat(reproduce(cell, "--out", out("cell")).err()).contains("already there, only compared");
        assertThat(reproduce(sweep).err()).contains("that of a sweep, whose runs are in");
    }

    @Test
    void a_repetition_that_was_kept_is_computed_anew_and_its_reference_log_probs_too() throws IOException {
        Path copy = runs.copied(run, "kept");
        RecordedRuns.edit(copy.resolve("config.yaml"), text -> text.replace("beta: 0.1", "beta: 0.2"));
        Path kept = newRun(reproduce(copy));
        try (Stream<Path> files = Files.list(kept.resolve("reference"))) {
            List<Path> references = files.toList();
            for (Path file : references) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(0));
            }
            assertThat(newRun(reproduce(copy))).isEqualTo(kept);
            assertThat(references).isNotEmpty().allSatisfy(file -> assertThat(
                            Files.getLastModifiedTime(file).toMillis())
                    .isPositive());
        }
        DurableFiles.delete(kept);
    }

    private static Path newRun(Ended ended) {
        Matcher line = Pattern.compile("the new run: (.*)").matcher(ended.err());
        assertThat(line.find()).as(ended.err()).isTrue();
        return Path.of(line.group(1));
    }

    @Test
    void a_changed_constant_of_the_loss_is_named_with_its_values_and_how_far_the_runs_are_apart() {
        Path copy = runs.copied(run, "other-beta");
        RecordedRuns.edit(copy.resolve("config.yaml"), text -> text.replace("beta: 0.1", "beta: 0.3"));
        Ended ended = reproduce(copy, "--out", out("beta"));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out())
                .matches("(?s)different: the largest difference is [0-9.E-]+ in \\S+ at step \\d+.*")
                .containsPattern("setting +objective.preference.beta +0.1 +0.3")
                .doesNotContain("hash");
    }

    @Test
    void other_code_is_named_by_class_even_if_its_numbers_are_equal() {
        Path copy = runs.changed(
                run,
                "other-code",
                "provenance/inputs.json",
                text -> text.replaceFirst("(\"dpo.train.TrainingLoop\":\")[0-9a-f]{4}", "$1ffff"),
                Map.of("code", "0"));
        Ended ended = reproduce(copy, "--out", out("code"));
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).startsWith("identical").containsPattern("code +dpo.train.TrainingLoop +ffff");
    }

    @Test
    void differences_below_the_tolerance_are_accepted_and_the_largest_is_shown() {
        Pattern margin = Pattern.compile("(\"step\":2,.*\"rewards/margins\":-?\\d\\.\\d{6})");
        Path copy = runs.changed(
                run,
                "other-digit",
                "metrics.jsonl",
                text -> margin.matcher(text).replaceFirst("$15"),
                Map.of());
        Ended close = reproduce(copy, "--out", out("digit"));
        assertThat(close.code()).as(close.err()).isZero();
        assertThat(close.out())
                .startsWith("within tolerance: the largest difference is")
                .contains("rewards/margins at step 2");
        Ended strict = reproduce(copy, "--out", out("digit"), "--tolerance", "0");
        assertThat(strict.code()).isEqualTo(1);
        assertThat(strict.out()).startsWith("different");
    }

    @Test
    void a_run_without_recorded_inputs_has_its_verdict_and_the_parts_that_differ() {
        Path copy = runs.copied(run, "older");
        DurableFiles.delete(copy.resolve("provenance"));
        Path older = runs.changed(
                copy, "older-run", "config.yaml", text -> text.replace("beta: 0.1", "beta: 0.3"), Map.of("code", "0"));
        Ended ended = reproduce(older, "--out", out("older"));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out())
                .containsPattern("setting +hash +[0-9a-f]{12} +[0-9a-f]{12}")
                .containsPattern("code +hash +0 +[0-9a-f]{12}");
    }

    @Test
    void a_folder_without_a_completed_intact_run_is_an_error() throws Exception {
        Path damaged = runs.copied(run, "damaged");
        RecordedRuns.edit(damaged.resolve("metrics.jsonl"), text -> text + "{}\n");
        Path empty = Files.createDirectories(scratch.resolve("empty"));
        assertThat(reproduce(damaged).err()).contains("run must be undamaged, got: metrics.jsonl must have");
        assertThat(reproduce(damaged).code()).isEqualTo(2);
        assertThat(reproduce(empty).err()).contains("folder must be that of a run, with run.json");
        assertThat(reproduce(run, "--data", out("nowhere")).err()).contains("--data must be a folder");
        assertThat(reproduce(run, "--tolerance", "-1").code()).isEqualTo(2);
        assertThat(reproduce(run, "--out", run.resolve("inside").toString()).err())
                .contains("--out must be outside of the run");
    }
}
