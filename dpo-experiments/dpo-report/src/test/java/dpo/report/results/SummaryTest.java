package dpo.report.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SummaryTest {

    private static final String BETA = "objective.preference.beta";
    private static final String WORLD = "model.seed";
    private static final List<String> LOSS = List.of("eval/loss");

    @TempDir
    private Path sweep;

    @ParameterizedTest
    @EnumSource
    void every_kind_of_interval_is_named_in_header_and_caption(IntervalKind kind) {
        run(0.1, 1, Map.of("eval/loss", 0.5));
        run(0.1, 2, Map.of("eval/loss", 0.7));

        Table table = overview(SummaryOptions.of(kind), LOSS);

        Interval expected = kind.of(new double[] {0.5, 0.7});
        assertThat(table.columns()).contains("eval/loss mean " + kind.key() + " low");
        assertThat(table.rows().get(0).subList(3, 5)).containsExactly(expected.low(), expected.high());
        assertThat(table.caption()).contains(kind.description());
        for (TableFormat format : List.of(TableFormat.TABLE, TableFormat.MARKDOWN, TableFormat.HTML)) {
            assertThat(format.render(table)).as("%s", format).contains(kind.shortName());
        }
    }

    @Test
    void divergences_have_a_geometric_mean_and_an_asymmetric_interval() {
        run(0.1, 1, Map.of("world/kl", 1.0));
        run(0.1, 2, Map.of("world/kl", 4.0));

        Table table = overview(SummaryOptions.STANDARD, List.of("world/kl"));

        assertThat(table.columns()).contains("world/kl geomean", "world/kl geomean ci95 low");
        assertThat((Double) table.rows().get(0).get(2)).isCloseTo(2, within(1e-12));
        assertThat(table.caption()).contains("geometric mean");
        assertThat(TableFormat.MARKDOWN.render(table)).contains("world/kl geomean \\[95 % CI]");
    }

    @Test
    void a_divergence_that_is_not_positive_has_an_arithmetic_mean_without_interval_and_that_is_said() {
        run(0.1, 1, Map.of("world/kl", 0.0));
        run(0.1, 2, Map.of("world/kl", 4.0));

        Table table = overview(SummaryOptions.STANDARD, List.of("world/kl"));

        assertThat(table.rows()).containsExactly(Arrays.asList(0.1, 2L, 2.0, null, null));
        assertThat(table.caption())
                .contains("Not positive, so that the mean is arithmetic and without interval: world/kl in 1 run.");
    }

    @Test
    void a_table_of_single_runs_says_that_it_has_no_intervals() {
        run(0.1, 1, Map.of("eval/loss", 0.5));

        assertThat(overview(SummaryOptions.STANDARD, LOSS).caption()).isEmpty();
        assertThat(overview(SummaryOptions.of(IntervalKind.SD), LOSS).caption()).contains("no intervals");
        run(0.2, 1, Map.of("eval/loss", 0.5));
        assertThat(overview(SummaryOptions.STANDARD, LOSS).caption()).contains("no intervals");
    }

    @Test
    void unequal_numbers_of_seeds_single_seeds_failed_runs_and_missing_means_are_said() {
        run(0.1, 1, Map.of("eval/loss", 0.5));
        run(0.1, 2, Map.of("eval/loss", 0.7));
        run(0.2, 1, Map.of("eval/loss", 0.5));
        Map<String, @Nullable Object> diverged = new LinkedHashMap<>();
        diverged.put("eval/loss", null);
        run(0.3, 1, diverged);
        run(0.3, 2, Map.of("eval/loss", 0.7));
        RunFolderWriter.run(sweep, "failed")
                .settings(Map.of(BETA, 0.2, "seed", 2))
                .with("status", "failed")
                .write();

        Table table = overview(SummaryOptions.STANDARD, LOSS);

        assertThat(table.caption())
                .contains(
                        "n differs between settings, from 1 to 2.",
                        "One setting has n = 1 and therefore no interval.",
                        "Not finite, so that the mean is missing: eval/loss in 1 run.",
                        "One failed run is not included.");
        assertThat(table.rows().get(1)).isEqualTo(Arrays.asList(0.2, 1L, 1L, 0.5, null, null));
        assertThat(table.rows().get(2)).isEqualTo(Arrays.asList(0.3, 2L, 0L, null, null, null));
    }

    @Test
    void worlds_are_the_unit_of_replication_if_results_shall_hold_for_other_worlds() {
        double[] means = {1.0, 2.0, 4.0};
        for (int world = 0; world < 3; world++) {
            for (int seed = 1; seed <= 2; seed++) {
                RunFolderWriter.run(sweep, world + "-" + seed)
                        .settings(Map.of(WORLD, world, "seed", seed, BETA, 0.1))
                        .result(Map.of("eval/loss", means[world] + (seed == 1 ? 0.25 : -0.25)))
                        .write();
            }
        }
        Table table = overview(new SummaryOptions(IntervalKind.CI95, List.of(WORLD), false, false), LOSS);

        Interval expected = IntervalKind.CI95.of(means);
        assertThat(table.columns()).doesNotContain(WORLD);
        assertThat(table.rows())
                .containsExactly(List.of(0.1, 3L, expected.estimate(), expected.low(), expected.high()));
        assertThat(table.caption()).contains("values of " + WORLD);
        Table iqm = overview(new SummaryOptions(IntervalKind.CI95, List.of(WORLD), false, true), LOSS);
        assertThat(iqm.columns()).contains("eval/loss iqm", "eval/loss iqm ci95 low");
        assertThat((Double) iqm.rows().get(0).get(2)).isCloseTo((1.25 + 1.75 + 2.25 + 3.75) / 4, within(1e-12));
        assertThat(iqm).isEqualTo(overview(new SummaryOptions(IntervalKind.CI95, List.of(WORLD), false, true), LOSS));
        assertThatThrownBy(
                        () -> overview(new SummaryOptions(IntervalKind.CI95, List.of("model.sed"), false, false), LOSS))
                .hasMessageContainingAll("model.sed", WORLD);
    }

    @Test
    void a_setting_may_be_given_by_its_last_part_but_the_seed_of_a_run_is_never_that_of_a_world() {
        RunFolderWriter.run(sweep, "one")
                .settings(Map.of(WORLD, 7, "seed", 1, BETA, 0.1))
                .write();

        try (Results results = Results.open(sweep)) {
            assertThat(List.of("beta", BETA, "seed", "bta").stream().map(results::setting))
                    .containsExactly(BETA, BETA, "seed", "bta");
        }
    }

    @Test
    void the_overview_has_loss_accuracy_and_margin_of_each_named_evaluation_set() {
        run(
                0.1,
                1,
                Map.of("eval/helpful/loss", 0.5, "eval/helpful/rewards/accuracies", 0.7, "eval/harmless/loss", 0.6));

        try (Results results = Results.open(sweep)) {
            assertThat(results.mainMetrics())
                    .containsExactlyInAnyOrder(
                            "eval/helpful/loss", "eval/helpful/rewards/accuracies", "eval/harmless/loss");
        }
    }

    @Test
    void a_section_that_is_null_in_some_runs_is_shown_by_its_keys() {
        for (int seed = 1; seed <= 2; seed++) {
            Map<String, @Nullable Object> without = new LinkedHashMap<>();
            without.put("model.adapter", null);
            without.put("seed", seed);
            RunFolderWriter.run(sweep, "a" + seed)
                    .settings(without)
                    .result(Map.of("eval/loss", 0.5))
                    .write();
            RunFolderWriter.run(sweep, "b" + seed)
                    .settings(Map.of("model.adapter", Map.of("rank", 4), "seed", seed))
                    .result(Map.of("eval/loss", 0.6))
                    .write();
        }
        Table table = overview(SummaryOptions.STANDARD, LOSS);

        assertThat(table.columns()).startsWith("model.adapter.rank", "n");
        assertThat(table.rows().stream().map(row -> row.get(0))).containsExactlyInAnyOrder("null", "4");
    }

    private Table overview(SummaryOptions options, List<String> metrics) {
        try (Results results = Results.open(sweep)) {
            return results.overview(options, metrics);
        }
    }

    private void run(double beta, int seed, Map<String, ?> result) {
        RunFolderWriter.run(sweep, beta + "-" + seed)
                .settings(Map.of(BETA, beta, "seed", seed))
                .result(result)
                .write();
    }
}
