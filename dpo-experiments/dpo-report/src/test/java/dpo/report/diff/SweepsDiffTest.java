package dpo.report.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.Backends;
import dpo.harness.reproduce.InputDifference;
import dpo.report.comparison.Adjustment;
import dpo.report.comparison.Comparison;
import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import dpo.statistics.Interval;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SweepsDiffTest {

    private static final String BETA = "objective.preference.beta";
    private static final String TYPE = "objective.preference.type";
    private static final String KL = "world/kl";
    private static final double[] FIRST = {1, 2, 4};
    private static final double[] SECOND = {3, 4, 9};

    @TempDir
    private Path scratch;

    @Test
    void divergences_of_two_sweeps_have_the_ratio_and_interval_that_they_have_within_one_sweep() {
        for (int i = 0; i < FIRST.length; i++) {
            run("a", 0.1, i + 1, FIRST[i]).write();
            run("b", 0.1, i + 1, SECOND[i]).write();
            ofType("both", "sigmoid", i + 1, FIRST[i]);
            ofType("both", "ipo", i + 1, SECOND[i]);
        }

        MetricDifference kl = diff().metrics().get(0);

        assertThat(kl.effect()).isEqualTo("ratio");
        assertThat(kl.a()).isCloseTo(2, within(1e-12));
        assertThat(kl.b()).isCloseTo(Math.cbrt(108), within(1e-12));
        assertThat(kl.estimate().estimate()).isCloseTo(kl.b() / kl.a(), within(1e-12));
        assertThat(kl.estimate()).isEqualTo(inOneSweep());
    }

    private Interval inOneSweep() {
        try (Results results = Results.open(scratch.resolve("both"))) {
            List<@Nullable Object> row = new Comparison(results, Map.of("type", "sigmoid"), Adjustment.HOLM)
                    .table(List.of(KL))
                    .rows()
                    .get(0);
            assertThat(row.subList(3, 5)).isEqualTo(List.of("paired t", "ratio"));
            return new Interval(number(row.get(5)), number(row.get(6)), number(row.get(7)), 3);
        }
    }

    private static double number(@Nullable Object cell) {
        return cell instanceof Double number ? number : Double.NaN;
    }

    @Test
    void a_divergence_of_zero_has_no_ratio_and_is_named() {
        for (int seed = 1; seed <= 2; seed++) {
            run("a", 0.1, seed, 0).write();
            run("b", 0.1, seed, seed).write();
        }

        Diff diff = diff();

        assertThat(diff.metrics().get(0).estimate().estimate()).isNaN();
        assertThat(diff.notes()).contains(KL + " has no positive, finite value in each run of: " + BETA + " = 0.1");
    }

    @Test
    void inputs_of_all_common_seeds_are_compared_and_the_seeds_that_differ_are_named() {
        for (int seed = 1; seed <= 3; seed++) {
            for (double beta : new double[] {0.1, 0.5}) {
                run("a", beta, seed, 1)
                        .with("environment", environment("17", "x"))
                        .write();
                run("b", beta, seed, 1)
                        .with("environment", environment("21", seed == 2 && beta == 0.5 ? "y" : "x"))
                        .write();
            }
        }
        run("b", 0.1, 4, 1).write();

        assertThat(diff().inputs())
                .containsExactly(
                        new InputDifference("cell", BETA + " = 0.1", "seeds 1, 2, 3", "seeds 1, 2, 3, 4"),
                        new InputDifference("environment", "java", "17", "21"),
                        new InputDifference("environment", "processor (seed 2; cells: " + BETA + " = 0.5)", "x", "y"));
    }

    @Test
    void cells_without_a_completed_run_are_named() {
        run("a", 0.1, 1, 1).write();
        run("a", 0.5, 1, 1).write();
        run("b", 0.1, 1, 2).write();
        run("b", 0.5, 1, 2).with("status", "failed").write();

        Diff diff = diff();

        assertThat(diff.inputs())
                .containsExactly(new InputDifference("cell", BETA + " = 0.5", "seed 1", "no completed run"));
        assertThat(diff.metrics()).hasSize(1);
        assertThat(diff.notes()).contains("B: 1 of 2 runs are not completed or damaged: left out");
    }

    @Test
    void two_runs_of_one_cell_with_one_seed_are_refused_not_left_out() {
        run("a", 0.1, 1, 1).write();
        run("b", 0.1, 1, 1).write();
        RunFolderWriter.run(scratch.resolve("b"), "again")
                .settings(Map.of(BETA, 0.1, "seed", 1))
                .result(Map.of(KL, 3.0))
                .write();

        assertThatThrownBy(this::diff)
                .hasMessageContaining("runs of a setting must have different seeds, got seed 1 twice");
    }

    private Diff diff() {
        return Diff.between(scratch.resolve("a"), scratch.resolve("b"), List.of(KL), Backends.onClassPath());
    }

    private static Map<String, String> environment(String java, String processor) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("java", java);
        environment.put("processor", processor);
        return environment;
    }

    private RunFolderWriter run(String sweep, double beta, int seed, double kl) {
        return RunFolderWriter.run(scratch.resolve(sweep), beta + "-" + seed)
                .settings(Map.of(BETA, beta, "seed", seed))
                .result(Map.of(KL, kl));
    }

    private void ofType(String sweep, String type, int seed, double kl) {
        RunFolderWriter.run(scratch.resolve(sweep), type + seed)
                .settings(Map.of(TYPE, type, "seed", seed))
                .result(Map.of(KL, kl))
                .write();
    }
}
