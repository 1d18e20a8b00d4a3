package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SweepAxesTest {

    private static List<ExperimentFile.Cell> cells(String sweep) {
        String text = """
                name: axes
                backend: tabular
                data: {train: {format: world, pairs: 64}}
                optimizer: {learning_rate: 0.1}
                sweep:
                """ + sweep.indent(2);
        return ExperimentFile.of(text, Path.of("axes.yaml"), List.of(), Backends.onClassPath())
                .cells();
    }

    private static double[] rates(List<ExperimentFile.Cell> cells) {
        return cells.stream()
                .mapToDouble(cell -> cell.config().optimizer().learningRate())
                .toArray();
    }

    @Test
    void a_labelled_value_is_set_and_shown_by_its_label() {
        List<ExperimentFile.Cell> cells = cells("""
                training.evaluate_every:
                  - {label: only at the end, value: null}
                  - {label: often, value: 2}
                """);
        assertThat(cells)
                .extracting(ExperimentFile.Cell::settings)
                .containsExactly(
                        Map.of("training.evaluate_every", "only at the end"),
                        Map.of("training.evaluate_every", "often"));
        assertThat(cells)
                .extracting(cell -> cell.config().training().evaluateEvery().orElse(0))
                .containsExactly(0, 2);
    }

    @Test
    void a_named_axis_is_shown_by_its_name_and_may_set_several_keys_together() {
        List<ExperimentFile.Cell> cells = cells("""
                β: {key: objective.preference.beta, values: [0.1, 0.2]}
                size:
                  - {label: small, set: {training.batch_size: 8, optimizer.learning_rate: 0.1}}
                  - {label: large, set: {training.batch_size: 32, optimizer.learning_rate: 0.4}}
                """);
        assertThat(cells)
                .extracting(ExperimentFile.Cell::settings)
                .containsExactly(
                        Map.of("β", 0.1, "size", "small"),
                        Map.of("β", 0.1, "size", "large"),
                        Map.of("β", 0.2, "size", "small"),
                        Map.of("β", 0.2, "size", "large"));
        assertThat(cells.get(3).config().objective().loss().beta()).isEqualTo(0.2);
        assertThat(cells.get(3).config().training().batchSize()).isEqualTo(32);
        assertThat(rates(cells)).containsExactly(0.1, 0.4, 0.1, 0.4);
    }

    @Test
    void settings_that_change_together_may_have_a_sweep_of_their_own() {
        List<ExperimentFile.Cell> cells = cells("""
                objective:
                  - {label: DPO, set: {objective.preference.type: sigmoid}, sweep: {objective.preference.beta: [1, 2]}}
                  - {label: plain, set: {training.batch_size: 4, optimizer.learning_rate: 3}}
                seed: [1, 2]
                """);
        assertThat(cells)
                .extracting(ExperimentFile.Cell::settings)
                .containsExactly(
                        Map.of("objective", "DPO", "objective.preference.beta", 1L, "seed", 1L),
                        Map.of("objective", "DPO", "objective.preference.beta", 1L, "seed", 2L),
                        Map.of("objective", "DPO", "objective.preference.beta", 2L, "seed", 1L),
                        Map.of("objective", "DPO", "objective.preference.beta", 2L, "seed", 2L),
                        Map.of("objective", "plain", "seed", 1L),
                        Map.of("objective", "plain", "seed", 2L));
        assertThat(cells.get(3).config().objective().loss().beta()).isEqualTo(2);
        assertThat(cells.get(4).config().training().batchSize()).isEqualTo(4);
    }

    @Test
    void a_search_axis_draws_points_within_its_ranges_that_do_not_change_if_more_are_drawn() {
        String axis = """
                search:
                  %s: %d
                  over:
                    optimizer.learning_rate: {low: 1.0e-4, high: 1.0, scale: logarithmic}
                    training.batch_size: {low: 2, high: 32, whole: true}
                """;
        for (String kind : List.of("random", "sobol")) {
            List<ExperimentFile.Cell> cells = cells(axis.formatted(kind, 16));
            double[] rates = rates(cells);
            assertThat(DoubleStream.of(rates).boxed()).hasSize(16).allMatch(rate -> rate >= 1e-4 && rate <= 1);
            assertThat(cells).allMatch(cell -> cell.settings().get("training.batch_size") instanceof Long);
            assertThat(rates(cells(axis.formatted(kind, 5))))
                    .containsExactly(
                            IntStream.range(0, 5).mapToDouble(i -> rates[i]).toArray());
            assertThat(DoubleStream.of(rates).distinct().count()).isEqualTo(16);
        }
    }

    @Test
    void every_power_of_two_of_sobol_points_has_one_in_each_part_of_a_side() {
        double[] rates = rates(cells("""
                search: {sobol: 8, over: {optimizer.learning_rate: {low: 1, high: 9}}}
                """));
        assertThat(DoubleStream.of(rates)
                        .map(rate -> Math.floor((rate - rates[0] + 8.0001) % 8))
                        .distinct()
                        .count())
                .isEqualTo(8);
    }

    @Test
    void errors_of_all_axes_name_axis_and_key() {
        assertThatThrownBy(() -> cells("""
                        a: {random: 2, sobol: 3, over: {seed: {low: 1, high: 2}}}
                        b: {random: 0, over: {seed: {low: 2, high: 1}}}
                        c: {key: 3, values: [1]}
                        d: [{label: x, set: 4}]
                        e: 7
                        seed: [1, {label: one, value: 1}, 1]
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sweep.a.sobol must be given if and only if random is absent")
                .hasMessageContaining("sweep.b.random must be in [1, 10000], got 0")
                .hasMessageContaining("sweep.b.over.seed.high must be above low (2.0), got 1.0")
                .hasMessageContaining("sweep.c.key must be a dotted path")
                .hasMessageContaining("sweep.d set must map dotted paths to values")
                .hasMessageContaining("sweep.e must be a list of at least one value, got 7")
                .hasMessageContaining("sweep.seed must not repeat a value");
    }

    @Test
    void an_axis_never_replaces_what_an_earlier_one_sets_or_shows() {
        assertThatThrownBy(() -> cells("""
                        beta: {key: objective.preference.beta, values: [0.1, 0.2]}
                        objective.preference.beta: [0.5]
                        both: [{label: x, set: {training.batch_size: 8, objective.preference.beta: 2}}]
                        Beta: {key: training.epochs, values: [1]}
                        optimizer.learning_rate: [0.1]
                        optimizer: [{learning_rate: 0.2}]
                        search: {random: 2, over: {training.batch_size: {low: 1, high: 9, whole: true}}}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sweep.objective.preference.beta must not replace")
                .hasMessageContaining("got those of beta")
                .hasMessageContaining("sweep.both must not replace")
                .hasMessageContaining("sweep.Beta must not replace")
                .hasMessageContaining("sweep.optimizer must not replace")
                .hasMessageContaining("sweep.search must not replace");
    }

    @Test
    void only_the_seed_is_named_seed_and_no_axis_has_the_name_of_a_path_or_of_a_column() {
        assertThatThrownBy(() -> cells("""
                        seed: {key: training.batch_size, values: [8, 16]}
                        repetition: {key: seed, values: [1, 2]}
                        Status: {key: training.epochs, values: [1, 2]}
                        optimizer.learning_rate: {key: objective.preference.beta, values: [0.1, 0.2]}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sweep.seed must be named seed if and only if it sets seed")
                .hasMessageContaining("sweep.repetition must be named seed if and only if it sets seed")
                .hasMessageContaining("sweep.Status must be a name without dots")
                .hasMessageContaining("sweep.optimizer.learning_rate must be a name without dots");
    }

    @Test
    void a_label_is_text_with_a_value_or_settings() {
        assertThatThrownBy(() -> cells("""
                        size: [{label: 8, set: {training.batch_size: 8}}, {label: x, values: 3}]
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must have a label that is text, in quotes if it looks like a number")
                .hasMessageContaining("got {label: 8,");
    }
}
