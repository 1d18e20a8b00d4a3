package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.loss.Reduction;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep is the Cartesian product of its axes. */
class SweepAxesTest {

    @TempDir
    Path folder;

    @Test
    void a_sweep_is_the_cartesian_product_with_later_axes_applied_to_earlier_ones() {
        List<ExperimentFile.Cell> cells = Experiments.cells(folder, Experiments.MINIMAL + """
                sweep:
                  objective.preference: [{type: sigmoid}, {type: ipo, reduction: sum}]
                  objective.preference.beta: [0.1, 0.5]
                  seed: [1, 2, 3]
                """);
        assertThat(cells).hasSize(12);
        assertThat(cells.get(0).settings())
                .isEqualTo(
                        Map.of("objective.preference.type", "sigmoid", "objective.preference.beta", 0.1, "seed", 1L));
        assertThat(cells.get(11).config().objective().loss()).isEqualTo(new IpoLoss(0.5, Reduction.SUM));
        assertThat(cells.get(11).config().seed()).isEqualTo(3);
    }

    @Test
    void levels_are_recorded_with_their_types_and_equal_levels_are_refused() {
        List<Object> recorded = Experiments.cells(folder, Experiments.MINIMAL + """
                sweep:
                  objective.sft: [null, {weight: 0.5, reduction: sum}]
                  optimizer.max_grad_norm: [.inf, 1.0]
                  objective.turns: [all, {weights: [1, 0.5]}]
                """).stream()
                .<Object>map(ExperimentFile.Cell::settings)
                .toList();
        Map<String, Object> first = new LinkedHashMap<>();
        first.put("objective.sft", null);
        first.put("optimizer.max_grad_norm", ".inf");
        first.put("objective.turns", "all");
        assertThat(recorded).hasSize(8).first().isEqualTo(first);
        assertThat(recorded.get(7))
                .isEqualTo(Map.of(
                        "objective.sft.weight",
                        0.5,
                        "objective.sft.reduction",
                        "sum",
                        "optimizer.max_grad_norm",
                        1.0,
                        "objective.turns.weights",
                        List.of(1L, 0.5)));
        assertThatThrownBy(() -> Experiments.cells(
                        folder, Experiments.MINIMAL + "sweep: {optimizer.learning_rate: [1.0e-7, 0.0000001]}\n"))
                .hasMessageContaining("must not repeat a value");
        assertThatThrownBy(() -> Experiments.cells(folder, Experiments.MINIMAL + "sweep: {objective.sft: [null, ~]}\n"))
                .hasMessageContaining("must not repeat a value");
    }

    @Test
    void beta_can_be_swept_without_naming_the_default_objective() {
        List<ExperimentFile.Cell> cells =
                Experiments.cells(folder, Experiments.MINIMAL + "sweep: {objective.preference.beta: [0.1, 0.5]}");
        assertThat(cells.get(1).config().objective().loss()).isEqualTo(new SigmoidLoss(0.5, 0));
    }

    @Test
    void a_sweep_over_a_misspelt_path_or_a_wrong_value_is_refused_once() {
        assertThatThrownBy(() -> Experiments.cells(
                        folder, Experiments.MINIMAL + "sweep: {objective.preference.betta: [0.1, 0.2], seed: [1, 2]}"))
                .satisfies(e -> assertThat(((ConfigException) e).errors()).hasSize(2))
                .hasMessageContaining("betta is not a key here");
        assertThatThrownBy(() -> Experiments.cells(folder, Experiments.MINIMAL + "sweep: {seed: []}"))
                .hasMessageContaining("at least one value");
        assertThatThrownBy(() -> Experiments.cells(folder, Experiments.MINIMAL + "sweep: {seed: [1, 1]}"))
                .hasMessageContaining("must not repeat a value");
        assertThatThrownBy(() -> Experiments.cells(folder, Experiments.MINIMAL + "sweep: {seed: 1}"))
                .hasMessageContaining("must be a list");
    }

    @Test
    void a_value_of_an_axis_may_have_a_sweep_over_its_own_keys() {
        List<ExperimentFile.Cell> cells = Experiments.cells(folder, Experiments.MINIMAL + """
                sweep:
                  objective.preference:
                    - {type: sigmoid, sweep: {beta: [0.1, 0.2]}}
                    - {type: orpo, sweep: {lambda: [0.3]}}
                    - {type: hinge}
                  seed: [1, 2]
                """);
        assertThat(cells).hasSize(8);
        assertThat(cells.get(2).settings())
                .isEqualTo(
                        Map.of("objective.preference.type", "sigmoid", "objective.preference.beta", 0.2, "seed", 1L));
        assertThat(cells.get(4).settings()).containsEntry("objective.preference.lambda", 0.3);
        assertThatThrownBy(() -> Experiments.cells(
                        folder,
                        Experiments.MINIMAL + "sweep: {objective.preference: [{type: hinge, sweep: {beta: 1}}]}"))
                .hasMessageContaining("sweep.beta must be a list of at least one value");
    }
}
