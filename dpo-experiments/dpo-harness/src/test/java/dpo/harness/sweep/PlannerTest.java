package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of small sweeps. */
class PlannerTest {

    @TempDir
    private Path folder;

    private SweepRuns sweeps;

    @BeforeEach
    void open() {
        sweeps = new SweepRuns(folder);
    }

    private List<String> names(String... overrides) {
        return sweeps.plan(overrides).stream().map(PlannedRun::name).toList();
    }

    @Test
    void all_metrics_that_no_evaluation_has_and_rungs_without_one_are_refused_at_once() {
        assertThatThrownBy(() -> sweeps.plan(
                        "training.best={metric: eval/los, direction: lowest}",
                        "halving={metric: loss, direction: lowest, rungs: [7]}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("training.best.metric must be a metric of the evaluations, got eval/los,"
                        + " did you mean eval/loss? (known: eval/loss, eval/rewards/chosen, ")
                .hasMessageContaining("halving.metric must be a metric of the evaluations, got loss (known: ")
                .hasMessageContaining("world/gap, ")
                .hasMessageContaining("halving.rungs must be multiples of training.evaluate_every (10), got 7")
                .satisfies(error -> assertThat(error.getMessage().lines()).hasSize(3));
    }

    @Test
    void a_metric_must_be_one_of_every_cell() {
        String best = "training.best={metric: eval/rewards/brier, direction: lowest}";
        assertThat(sweeps.plan(best, "objective.preference={type: sigmoid}")).hasSize(6);
        assertThatThrownBy(() -> sweeps.plan(
                        best,
                        "objective.preference={type: sigmoid}",
                        "sweep={objective.preference.type: [sigmoid, hinge]}"))
                .hasMessageContaining("got eval/rewards/brier");
    }

    @Test
    void a_metric_of_held_out_preferences_needs_some() {
        assertThat(sweeps.plan("data.evaluation=null", "training.best={metric: world/kl, direction: lowest}"))
                .hasSize(6);
        assertThatThrownBy(() ->
                        sweeps.plan("data.evaluation=null", "training.best={metric: eval/loss, direction: lowest}"))
                .hasMessageContaining(
                        "got eval/loss (known: world/reward, world/kl, world/optimal_reward, world/gap, ");
    }

    @Test
    void names_keep_the_letters_of_all_scripts_and_no_signs_that_file_systems_do_not() {
        assertThat(names("sweep={größe: {key: training.batch_size, values: [8]}}"))
                .containsExactly("größe=8");
        assertThat(names("sweep={数据: [{label: 小/大 a, set: {training.batch_size: 8}}]}"))
                .containsExactly("数据=小_大_a");
        // The same letter, decomposed.
        assertThat(names("sweep={x: [{label: \"o\u0308\", set: {training.batch_size: 8}}]}"))
                .containsExactly("x=ö");
        assertThat(names("sweep={x: [{label: \"" + "ü".repeat(120) + "\", set: {training.batch_size: 8}}]}"))
                .allSatisfy(name ->
                        assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(99, 100))
                .containsExactly("x=" + "ü".repeat(49));
    }

    @Test
    void two_settings_of_one_configuration_whose_names_would_be_equal_are_refused() {
        String one = "{label: %s, set: {training.batch_size: 8}}";
        assertThat(names("sweep={x: [" + one.formatted("ä") + ", " + one.formatted("ö") + "]}"))
                .containsExactly("x=ä", "x=ö");
        assertThatThrownBy(() -> names("sweep={x: [" + one.formatted("a/b") + ", " + one.formatted("a b") + "]}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("sweep must have settings with different names of folders, got x=a_b for two: {x=a/b} and"
                        + " {x=a b}");
    }
}
