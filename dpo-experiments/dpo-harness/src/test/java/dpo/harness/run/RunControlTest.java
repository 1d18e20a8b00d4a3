package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.RunFolder;
import dpo.harness.store.Sha256;
import dpo.train.BestEvaluation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Early stopping, the best model, the last models, and the number of steps. */
class RunControlTest {

    /** A learning rate at which the held-out loss soon rises. */
    private static final String[] STOPPED_EARLY = {
        "optimizer.learning_rate=0.5",
        "training.epochs=20",
        "training.evaluate_every=5",
        "training.best={metric: eval/loss, direction: lowest, patience: 2}"
    };

    @TempDir
    private Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    private Map<String, Double> result(String name, String... overrides) {
        return runs.run(name, () -> false, overrides).orElseThrow();
    }

    private String model(String name, String checkpoint) throws IOException {
        return Sha256.of(
                Files.readAllBytes(folder.resolve(name).resolve("checkpoints/" + checkpoint + "/tabular-weights.bin")));
    }

    @Test
    void training_stops_after_the_patience_and_the_best_model_is_that_of_its_step() throws IOException {
        Map<String, Double> result = result("early", STOPPED_EARLY);

        int best = result.get("best/step").intValue();
        assertThat(result.get("steps")).isEqualTo(best + 10).isLessThan(100);
        assertThat(new RunFolder(folder.resolve("early")).evaluations())
                .allSatisfy(line -> assertThat(line.metrics().get("eval/loss"))
                        .isGreaterThanOrEqualTo(result.get("best/eval/loss")));
        runs.train("until best", "optimizer.learning_rate=0.5", "training.epochs=1", "training.max_steps=" + best);
        assertThat(model("early", "best")).isEqualTo(model("until best", "final"));
    }

    @Test
    void a_stopped_training_stops_early_at_the_same_step_with_the_same_best_model() throws IOException {
        Map<String, Double> undisturbed = result("early", STOPPED_EARLY);
        runs.stoppedAndResumed(
                name -> {
                    assertThat(RunResult.of(new RunFolder(folder.resolve(name)), best()))
                            .isEqualTo(undisturbed);
                    assertThat(bytes(name)).isEqualTo(bytes("early"));
                },
                STOPPED_EARLY);
    }

    @Test
    void a_training_whose_best_model_was_removed_restarts_and_ends_with_it() throws IOException {
        Map<String, Double> undisturbed = result("early", STOPPED_EARLY);
        RunFolder removed = new RunFolder(folder.resolve("removed"));
        double best = undisturbed.get("best/step");
        BooleanSupplier hasBest = () -> Files.isDirectory(removed.checkpoints().best())
                && removed.evaluations().stream().anyMatch(line -> line.step() == best);
        assertThat(runs.run("removed", hasBest, STOPPED_EARLY)).isEmpty();
        DurableFiles.delete(removed.checkpoints().best());

        assertThat(result("removed", STOPPED_EARLY)).isEqualTo(undisturbed);
        assertThat(bytes("removed")).isEqualTo(bytes("early"));
    }

    private Optional<BestEvaluation> best() {
        return runs.config(STOPPED_EARLY).training().best();
    }

    private List<String> bytes(String name) {
        try {
            return List.of(model(name, "best"), model(name, "final"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_models_of_the_last_saved_steps_are_kept_and_equal_those_of_shorter_trainings() throws IOException {
        runs.train("saved", "training.save_every=2", "training.keep_last=2");

        assertThat(new RunFolder(folder.resolve("saved")).checkpoints().ofSteps())
                .extracting(path -> path.getFileName().toString())
                .containsExactly("step-00000008", "step-00000010");
        assertThat(model("saved", "step-00000010")).isEqualTo(model("saved", "final"));
        runs.train("shorter", "training.epochs=1", "training.max_steps=8");
        assertThat(model("saved", "step-00000008")).isEqualTo(model("shorter", "final"));
    }

    @Test
    void max_steps_counts_over_as_many_passes_as_it_needs_and_ends_the_schedule() {
        assertThat(runs.train("passes", "training.epochs=2"))
                .isEqualTo(runs.train("steps", "training.epochs=1", "training.max_steps=10"));
        assertThat(result("cosine", "training.epochs=1", "training.max_steps=7", "schedule={type: linear}"))
                .containsEntry("steps", 7.0);
        assertThat(runs.metrics("cosine").get(6).get("learning_rate")).isEqualTo(0.05 * (1 - 6.0 / 7));
    }

    @Test
    void warmup_ratio_is_that_share_of_all_steps_rounded_up() {
        assertThat(runs.train("ratio", "schedule={type: cosine, warmup_ratio: 0.25}"))
                .isEqualTo(runs.train("steps", "schedule={type: cosine, warmup_steps: 3}"));
    }

    @Test
    void the_best_of_a_single_evaluation_is_refused() {
        assertThatThrownBy(() -> runs.config(
                        "training.evaluate_every=null", "training.best={metric: eval/loss, direction: lowest}"))
                .hasMessageContaining("training.best must be absent without evaluate_every");
    }
}
