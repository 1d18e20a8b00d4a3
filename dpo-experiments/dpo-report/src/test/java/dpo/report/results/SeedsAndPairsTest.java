package dpo.report.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.Backends;
import dpo.harness.store.RunFolder;
import dpo.statistics.IntervalKind;
import dpo.statistics.SeedsAndItems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeedsAndPairsTest {

    private static final SummaryOptions PAIRS = new SummaryOptions(IntervalKind.CI95, List.of(), true, false);
    private static final List<String> MARGINS = List.of("eval/rewards/margins");
    private static final List<String> PROMPTS = List.of("x", "x", "y", "z");
    private static final double[][] VALUES = {{0.1, 0.3, -0.2, 0.5}, {0.2, 0.5, 0.1, 0.3}};

    @TempDir
    private Path sweep;

    @Test
    void seeds_with_the_same_pairs_have_a_two_way_interval_clustered_by_prompt() throws IOException {
        seed(1, "pair-", VALUES[0], mean(VALUES[0]));
        seed(2, "pair-", VALUES[1], mean(VALUES[1]));

        List<?> row = overview().rows().get(0);

        var expected = SeedsAndItems.mean(VALUES, PROMPTS).interval();
        assertThat((Double) row.get(2)).isCloseTo(expected.low(), within(1e-12));
        assertThat((Double) row.get(3)).isCloseTo(expected.high(), within(1e-12));
        assertThat(overview().caption()).contains("clustered by prompt");
    }

    @Test
    void seeds_with_pairs_of_their_own_have_the_interval_over_seeds_which_covers_both() throws IOException {
        seed(1, "first-", VALUES[0], mean(VALUES[0]));
        seed(2, "second-", VALUES[1], mean(VALUES[1]));

        List<?> row = overview().rows().get(0);

        var expected = IntervalKind.CI95.of(new double[] {mean(VALUES[0]), mean(VALUES[1])});
        assertThat(row.subList(2, 4)).isEqualTo(List.of(expected.low(), expected.high()));
        assertThat(overview().caption()).contains("pairs of its own");
    }

    @Test
    void a_metric_that_is_no_mean_over_the_stored_pairs_has_no_interval() throws IOException {
        seed(1, "pair-", VALUES[0], 7);
        seed(2, "pair-", VALUES[1], 9);

        assertThat(overview().rows().get(0)).isEqualTo(Arrays.asList(2L, 8.0, null, null));
    }

    @Test
    void a_run_without_pairs_leaves_no_interval_and_is_the_reason_that_is_given() throws IOException {
        seed(1, "pair-", VALUES[0], mean(VALUES[0]));
        seed(2, "pair-", VALUES[1], mean(VALUES[1]));
        Files.delete(sweep.resolve("runs/seed-2/pairs.jsonl"));

        double both = (mean(VALUES[0]) + mean(VALUES[1])) / 2;
        assertThat(overview().rows().get(0)).isEqualTo(Arrays.asList(2L, both, null, null));
        assertThat(overview().caption())
                .contains("Without an interval, because runs have no pairs.jsonl: the only setting (1 of 2).")
                .doesNotContain("pairs of its own");
    }

    @Test
    void losses_of_weighted_pairs_have_the_loss_of_the_run_as_their_mean() throws IOException {
        seed(1, "pair-", VALUES[0], mean(VALUES[0]));
        RunFolder run = new RunFolder(sweep.resolve("runs/seed-1"));
        Path pairs = run.path().resolve("pairs.jsonl");
        Files.writeString(pairs, Files.readString(pairs).replaceFirst("\"weight\":1.0", "\"weight\":3.0"));
        double[] losses = Arrays.stream(VALUES[0])
                .map(margin -> Math.log1p(Math.exp(-margin)))
                .toArray();
        losses[0] *= 3;

        double[] values = PairValues.of(run, Map.of("eval/loss", mean(losses)), Backends.onClassPath())
                .get(0)
                .values()
                .get("eval/loss");

        assertThat(values).containsExactly(losses, within(1e-12));
    }

    private Table overview() {
        try (Results results = Results.open(sweep)) {
            return results.overview(PAIRS, MARGINS);
        }
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** A run of DPO at β = 1 whose pairs have the given margins. */
    private void seed(int seed, String pairs, double[] margins, double recorded) throws IOException {
        RunFolderWriter run = RunFolderWriter.run(sweep, "seed-" + seed)
                .settings(Map.of("seed", seed))
                .result(Map.of(MARGINS.get(0), recorded));
        for (int i = 0; i < margins.length; i++) {
            run.line(
                    "pairs",
                    String.format(
                            Locale.ROOT,
                            "{\"step\":5,\"pair\":\"%s%d\",\"prompt\":\"%s\",\"group\":\"all\",\"weight\":1.0,"
                                    + "\"policy\":{\"chosen\":%s,\"rejected\":-2.0,\"chosen_turns\":[%s],\"rejected_turns\":[-2.0]},"
                                    + "\"reference\":{\"chosen\":-1.0,\"rejected\":-2.0,\"chosen_turns\":[-1.0],"
                                    + "\"rejected_turns\":[-2.0]},"
                                    + "\"tokens\":{\"chosen\":1,\"rejected\":1},\"turns\":{\"chosen\":[1],\"rejected\":[1]}}\n",
                            pairs,
                            i,
                            PROMPTS.get(i),
                            margins[i] - 1,
                            margins[i] - 1));
        }
        Path folder = run.write();
        Files.writeString(folder.resolve("config.yaml"), """
                name: by-hand
                backend: tabular
                data: {train: {format: world, pairs: 4}, evaluation: {format: world, pairs: 4}}
                objective: {preference: {type: sigmoid, beta: 1.0}}
                optimizer: {learning_rate: 0.1}
                """);
    }
}
