package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.report.results.Results;
import dpo.report.results.Table;
import dpo.statistics.IntervalKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GapsAtKlTest {

    @TempDir
    private Path sweep;

    private void write(String type, double beta, int seed, double kl, double gap) {
        new DrawnSweep(sweep)
                .run(type + beta + seed, type, beta, seed)
                .result(Map.of("world/kl", kl, "world/gap", gap, "world/reward", 2 * kl - gap))
                .write();
    }

    private Table table(double... kls) {
        try (Results results = Results.open(sweep)) {
            return GapsAtKl.table(results, Arrays.stream(kls).boxed().toList(), IntervalKind.CI95);
        }
    }

    @Test
    void gaps_are_interpolated_in_the_root_of_kl_between_neighbouring_levels_of_each_seed() {
        for (int seed = 1; seed <= 2; seed++) {
            write("sigmoid", 0.5, seed, 4, 0.8 + 0.1 * seed);
            write("sigmoid", 1, seed, 1, 0.4);
            write("ipo", 0.5, seed, 9, 2);
            write("ipo", 1, seed, seed == 1 ? 2 : 4, 1);
        }
        Table table = table(2.25, 3);
        assertThat(table.columns())
                .containsExactly(
                        "series",
                        "n",
                        "gap at KL 2.25",
                        "gap at KL 2.25 ci95 low",
                        "gap at KL 2.25 ci95 high",
                        "gap at KL 3",
                        "gap at KL 3 ci95 low",
                        "gap at KL 3 ci95 high",
                        "highest mean world/reward",
                        "highest mean world/reward ci95 low",
                        "highest mean world/reward ci95 high",
                        "at");
        assertThat(table.rows().get(0).subList(0, 3))
                .as("a seed of ipo begins beyond")
                .containsExactly("ipo", 2L, null);
        List<?> sigmoid = table.rows().get(1);
        // Halfway in the root: (0.4 + 0.9) / 2 and (0.4 + 1.0) / 2.
        assertThat((Double) sigmoid.get(2)).isCloseTo(0.675, within(1e-12));
        assertThat((Double) sigmoid.get(4) - 0.675).isCloseTo(12.706 * 0.05 / 2 * 2 / 2, within(1e-2));
        assertThat(sigmoid.get(11)).isEqualTo("β = 0.5");
    }

    @Test
    void runs_of_no_controlled_world_and_a_kl_of_0_are_refused() {
        write("sigmoid", 1, 1, 1, 0.5);
        assertThatThrownBy(() -> table(0)).hasMessageContaining("KL must be positive and finite, got 0.0");
        new DrawnSweep(sweep)
                .run("other", "ipo", 1, 1)
                .result(Map.of("eval/loss", 1.0))
                .write();
        assertThat(table(1).rows()).hasSize(1);
    }
}
