package dpo.report.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import dpo.report.results.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PilotTest {

    private static final String LOSS = "eval/loss";

    @TempDir
    private Path sweep;

    @Test
    void of_two_settings_the_deviation_is_that_of_their_paired_differences() {
        runs("sigmoid", 0.50, 0.60, 0.75);
        runs("ipo", 0.52, 0.69, 0.72);

        // Differences 0.02, 0.09, −0.03: the sample deviation is 0.0602771…
        double mean = 0.08 / 3;
        double expected = Math.sqrt((square(0.02 - mean) + square(0.09 - mean) + square(-0.03 - mean)) / 2);
        try (Results results = Results.open(sweep)) {
            assertThat(new Pilot(results).sdOfDifferences(LOSS)).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void of_one_setting_the_deviation_is_that_of_independent_runs() {
        runs("sigmoid", 0.50, 0.60, 0.70);

        try (Results results = Results.open(sweep)) {
            assertThat(new Pilot(results).sdOfDifferences(LOSS)).isCloseTo(Math.sqrt(2) * 0.1, within(1e-12));
        }
    }

    @Test
    void more_seeds_detect_smaller_differences_and_one_seed_detects_none() {
        runs("sigmoid", 0.50, 0.60, 0.70);

        try (Results results = Results.open(sweep)) {
            Table table = new Pilot(results).detectable(List.of(LOSS), 4);
            assertThat(table.columns())
                    .containsExactly(
                            "metric",
                            "effect",
                            "settings",
                            "seeds",
                            "sd of differences",
                            "with 4 seeds",
                            "with 3 seeds",
                            "with 5 seeds",
                            "with 10 seeds");
            List<?> row = table.rows().get(0);
            assertThat((Double) row.get(5)).isBetween((Double) row.get(7), (Double) row.get(6));
        }
    }

    @Test
    void the_number_of_settings_and_seeds_that_enter_is_said() {
        runs("sigmoid", 0.50, 0.60, 0.75);
        runs("ipo", 0.52, 0.69);
        runs("hinge", 0.50);

        try (Results results = Results.open(sweep)) {
            Table table = new Pilot(results).detectable(List.of(LOSS), 3);
            assertThat(table.rows().get(0).subList(2, 4)).isEqualTo(List.of(2L, 2L));
        }
    }

    @Test
    void a_pilot_without_a_completed_run_gives_neither_time_nor_difference() {
        RunFolderWriter.run(sweep, "failed").with("status", "failed").write();

        try (Results results = Results.open(sweep)) {
            Pilot pilot = new Pilot(results);
            assertThat(pilot.secondsPerToken()).isNaN();
            assertThat(pilot.detectable(results.mainMetrics(), 3).rows()).isEmpty();
        }
    }

    @Test
    void a_pilot_with_one_seed_gives_a_time_and_no_difference() {
        RunFolderWriter.run(sweep, "only")
                .settings(Map.of("seed", 1))
                .result(Map.of(LOSS, 0.5))
                .line("metrics", Map.of("step", 1, "tokens", 400))
                .line("metrics", Map.of("step", 2, "tokens", 100))
                .write();

        try (Results results = Results.open(sweep)) {
            Pilot pilot = new Pilot(results);
            assertThat(pilot.secondsPerToken()).isCloseTo(12.5 / 500, within(1e-12));
            assertThat(pilot.sdOfDifferences(LOSS)).isNaN();
        }
    }

    private static double square(double value) {
        return value * value;
    }

    private void runs(String type, double... losses) {
        for (int i = 0; i < losses.length; i++) {
            RunFolderWriter.run(sweep, type + i)
                    .settings(Map.of("objective.preference.type", type, "seed", i + 1))
                    .result(Map.of(LOSS, losses[i]))
                    .write();
        }
    }
}
