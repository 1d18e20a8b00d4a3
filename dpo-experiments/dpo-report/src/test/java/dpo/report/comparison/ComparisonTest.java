package dpo.report.comparison;

import static dpo.report.comparison.SweepOfLosses.LOSS;
import static dpo.report.comparison.SweepOfLosses.TYPE;
import static dpo.report.comparison.SweepOfLosses.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.report.results.RunFolderWriter;
import dpo.report.results.Table;
import dpo.statistics.Difference;
import dpo.statistics.Dunnett;
import dpo.statistics.IntervalKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparisonTest {

    private static final Map<String, String> SIGMOID = Map.of("type", "sigmoid");

    @TempDir
    private Path folder;

    private SweepOfLosses sweep;

    @BeforeEach
    void open() {
        sweep = new SweepOfLosses(folder);
    }

    @Test
    void runs_of_the_same_seed_are_paired_and_p_values_are_corrected() {
        sweep.runs("sigmoid", 0.50, 0.60, 0.75);
        sweep.runs("ipo", 0.52, 0.63, 0.79);
        sweep.runs("hinge", 0.90, 0.20, 0.60);

        Table table = table(SIGMOID, Adjustment.HOLM, LOSS);

        Difference ipo = Difference.paired(new double[] {0.52, 0.63, 0.79}, new double[] {0.50, 0.60, 0.75});
        assertThat(column(table, TYPE)).containsExactly("hinge", "ipo");
        assertThat(column(table, "n")).containsOnly(3L);
        assertThat(column(table, "test")).containsOnly("paired t");
        assertThat(column(table, "estimate").get(1)).isEqualTo(ipo.interval().estimate());
        assertThat(column(table, "estimate ci95 low").get(1))
                .isEqualTo(ipo.interval().low());
        assertThat(column(table, "p").get(1)).isEqualTo(ipo.p());
        assertThat((Double) column(table, "adjusted p").get(1)).isCloseTo(2 * ipo.p(), within(1e-15));
        assertThat(table.caption())
                .contains("Baseline: " + TYPE + " = sigmoid", "95 % confidence interval", "Holm", "common seeds");
    }

    @Test
    void seeds_without_partner_are_ignored_and_said() {
        sweep.runs("sigmoid", 0.50, 0.60, 0.75);
        sweep.runs("ipo", 0.52, 0.63);

        Table table = table(SIGMOID, Adjustment.HOLM, LOSS);

        assertThat(column(table, "n")).containsExactly(2L);
        assertThat(table.caption())
                .contains("Only common seeds enter a paired difference: " + TYPE + " = ipo (2 of 2, baseline 3).");
    }

    @Test
    void settings_without_common_seeds_are_compared_by_welchs_test() {
        sweep.runs("sigmoid", 0.50, 0.60);
        sweep.run("ipo", 7, 0.7);
        sweep.run("ipo", 8, 0.9);

        Table table = table(SIGMOID, Adjustment.HOLM, LOSS);

        assertThat(column(table, "test")).containsExactly("Welch t");
        assertThat(column(table, "p"))
                .containsExactly(Difference.welch(new double[] {0.7, 0.9}, new double[] {0.5, 0.6})
                        .p());
        assertThat(table.caption())
                .contains("Without common seeds, so that n is that of the smaller sample: all settings.");
    }

    @Test
    void a_setting_or_a_baseline_without_a_completed_run_is_named() {
        sweep.runs("sigmoid", 0.50, 0.60);
        sweep.runs("hinge", 0.52, 0.63);
        RunFolderWriter.run(folder, "failed")
                .settings(Map.of(TYPE, "ipo", "seed", 1))
                .with("status", "failed")
                .write();

        assertThat(table(SIGMOID, Adjustment.HOLM, LOSS)).satisfies(table -> {
            assertThat(column(table, TYPE)).containsExactly("hinge");
            assertThat(table.caption()).contains("Without completed runs: " + TYPE + " = ipo.");
        });
        assertThat(table(Map.of("type", "ipo"), Adjustment.HOLM, LOSS)).satisfies(table -> {
            assertThat(table.rows()).isEmpty();
            assertThat(table.caption())
                    .startsWith("No setting is compared. ")
                    .contains("Without completed runs: " + TYPE + " = ipo.");
        });
        assertThatThrownBy(() ->
                        sweep.with(results -> new Selection(results, LOSS, true).table(List.of(LOSS), IntervalKind.SD)))
                .hasMessageContaining("fewer than two runs are completed of: " + TYPE + " = ipo");
    }

    @Test
    void one_seed_gives_a_difference_without_interval_and_says_so() {
        sweep.runs("sigmoid", 0.50);
        sweep.runs("ipo", 0.75);

        Table table = table(SIGMOID, Adjustment.HOLM, LOSS);

        assertThat(column(table, "estimate")).containsExactly(0.25);
        assertThat(column(table, "estimate ci95 low")).containsExactly((Object) null);
        assertThat(column(table, "p")).containsExactly((Object) null);
        assertThat(table.caption()).contains("One common seed gives no interval and no test: all settings.");
    }

    @Test
    void a_diverged_run_makes_the_difference_missing_and_is_named() {
        sweep.runs("sigmoid", 0.50, 0.60);
        sweep.runs("ipo", 0.75, Double.NaN);

        Table table = table(SIGMOID, Adjustment.HOLM, LOSS);

        assertThat(column(table, "estimate")).containsExactly((Object) null);
        assertThat(table.caption()).contains("eval/loss has no finite value: " + TYPE + " = ipo (1 run).");
    }

    @Test
    void divergences_are_compared_by_the_ratio_of_geometric_means() {
        sweep.write("sigmoid", 1, Map.of("world/kl", 1.0));
        sweep.write("sigmoid", 2, Map.of("world/kl", 2.0));
        sweep.write("ipo", 1, Map.of("world/kl", 2.0));
        sweep.write("ipo", 2, Map.of("world/kl", 4.0));

        Table table = table(SIGMOID, Adjustment.HOLM, "world/kl");

        assertThat(column(table, "effect")).containsExactly("ratio");
        assertThat((Double) column(table, "estimate").get(0)).isCloseTo(2, within(1e-12));

        sweep.write("ipo", 3, Map.of("world/kl", 0.0));
        sweep.write("sigmoid", 3, Map.of("world/kl", 1.0));
        assertThat(table(SIGMOID, Adjustment.HOLM, "world/kl")).satisfies(zero -> {
            assertThat(column(zero, "estimate")).containsExactly((Object) null);
            assertThat(zero.caption()).contains("world/kl has no finite logarithm: " + TYPE + " = ipo (1 run).");
        });
    }

    @Test
    void each_reason_for_a_missing_comparison_is_said_once_with_all_settings_that_it_concerns() {
        sweep.runs("sigmoid", 0.50, 0.60);
        for (String type : List.of("hinge", "ipo", "kto")) {
            sweep.runs(type, 0.52);
        }
        sweep.runs("robust", 0.52, 0.63);

        String caption = table(SIGMOID, Adjustment.HOLM, LOSS).caption();

        assertThat(caption)
                .containsOnlyOnce("One common seed gives no interval and no test: " + TYPE + " = hinge; " + TYPE
                        + " = ipo; " + TYPE + " = kto.")
                .containsOnlyOnce("Only common seeds enter");
    }

    @Test
    void dunnetts_test_gives_intervals_for_all_settings_together() {
        sweep.runs("sigmoid", 0.50, 0.60, 0.75);
        sweep.runs("ipo", 0.52, 0.63, 0.79);
        sweep.runs("hinge", 0.90, 0.20, 0.60);

        Table table = table(SIGMOID, Adjustment.DUNNETT, LOSS);

        Dunnett expected = Dunnett.paired(
                new double[] {0.50, 0.60, 0.75}, new double[][] {{0.90, 0.20, 0.60}, {0.52, 0.63, 0.79}});
        assertThat(column(table, "adjusted p"))
                .containsExactly(
                        expected.differences().get(0).p(),
                        expected.differences().get(1).p());
        assertThat(table.caption()).contains("Dunnett");
    }

    @Test
    void a_partial_baseline_compares_at_equal_other_settings() {
        for (double beta : new double[] {0.1, 0.5}) {
            for (int seed = 1; seed <= 2; seed++) {
                sweep.cell("sigmoid", seed, 0.5 + beta + 0.01 * seed, Map.of("objective.preference.beta", beta));
                sweep.cell("ipo", seed, 0.6 + 2 * beta + 0.02 * seed, Map.of("objective.preference.beta", beta));
            }
        }
        Table table = table(SIGMOID, Adjustment.HOLM, LOSS);

        assertThat(table.rows()).hasSize(2);
        assertThat((Double) column(table, "estimate").get(0)).isCloseTo(0.1 + 0.1 + 0.015, within(1e-12));
        assertThat((Double) column(table, "estimate").get(1)).isCloseTo(0.1 + 0.5 + 0.015, within(1e-12));
        assertThat(table.caption()).contains("with the same other settings");
        assertThatThrownBy(() -> table(SIGMOID, Adjustment.DUNNETT, LOSS))
                .hasMessageContaining("baseline must be one setting for Dunnett's test");
    }

    @Test
    void a_baseline_with_a_constant_that_the_others_lack_is_compared_at_equal_other_settings() {
        for (double beta : new double[] {0.25, 0.5}) {
            Map<String, ?> ofSigmoid = Map.of("objective.preference.beta", beta);
            Map<String, ?> ofIpo = Map.of("objective.preference.beta", beta, "objective.preference.reduction", "sum");
            sweep.cell("sigmoid", 1, beta, ofSigmoid);
            sweep.cell("ipo", 1, 3 * beta, ofIpo);
        }
        Map<String, String> ipo = Map.of("type", "ipo");

        assertThat(column(table(ipo, Adjustment.HOLM, LOSS), "estimate")).containsExactly(-0.5, -1.0);

        sweep.cell("ipo", 1, 7, Map.of("objective.preference.beta", 0.25, "objective.preference.reduction", "mean"));
        Table ambiguous = table(ipo, Adjustment.HOLM, LOSS);
        assertThat(column(ambiguous, "estimate")).containsExactly(-1.0);
        assertThat(ambiguous.caption()).contains("Not compared, because no single baseline agrees");
    }

    @Test
    void an_unknown_baseline_is_refused_with_the_settings_that_there_are() {
        sweep.runs("sigmoid", 0.5, 0.6);
        sweep.runs("ipo", 0.5, 0.6);

        assertThatThrownBy(() -> table(Map.of("type", "dpo"), Adjustment.HOLM, LOSS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("baseline must be a setting of the sweep", "dpo", "sigmoid", "ipo");
        assertThatThrownBy(() -> table(Map.of("type", "ipo", TYPE, "sigmoid"), Adjustment.HOLM, LOSS))
                .hasMessage("baseline must give a setting once, got " + TYPE + " twice");
        assertThatThrownBy(() -> table(Map.of("bta", "1"), Adjustment.HOLM, LOSS))
                .hasMessageContainingAll("bta", TYPE);
        assertThatThrownBy(() -> table(SIGMOID, Adjustment.HOLM, "eval/los")).hasMessageContaining(LOSS);
    }

    private Table table(Map<String, String> baseline, Adjustment adjustment, String metric) {
        return sweep.with(results -> {
            results.requireKnown(List.of(metric));
            return new Comparison(results, baseline, adjustment).table(List.of(metric));
        });
    }
}
