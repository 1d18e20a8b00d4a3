package dpo.report.results;

import dpo.harness.run.PairScores;
import dpo.harness.store.RunFolder;
import dpo.statistics.Interval;
import dpo.statistics.SeedsAndItems;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Means of one setting over its seeds and over held-out pairs, from the scores that its runs have stored. */
final class SeedsAndPairs {

    /** The largest relative difference of a mean over pairs and the recorded metric: both sum in other orders. */
    private static final double ROUNDING = 1e-9;

    private final List<Run> runs;
    private final List<PairScores> scores;

    private SeedsAndPairs(List<Run> runs, List<PairScores> scores) {
        this.runs = runs;
        this.scores = scores;
    }

    static SeedsAndPairs of(Replicates row) {
        return new SeedsAndPairs(
                row.completed(),
                row.completed().stream()
                        .map(run -> PairScores.of(new RunFolder(run.folder())))
                        .toList());
    }

    /** Whether each seed has held-out pairs of its own; the interval over seeds then covers the pairs too. */
    boolean areNested() {
        return scores.stream().map(PairScores::sets).distinct().count() > 1;
    }

    /** The mean with its interval; empty if the metric is not a mean over the stored pairs. */
    Optional<Interval> interval(String metric) {
        if (scores.isEmpty() || !isMean(metric)) {
            return Optional.empty();
        }
        double[][] values = scores.stream()
                .map(one -> Objects.requireNonNull(one.metrics().get(metric)))
                .toArray(double[][]::new);
        List<String> prompts = scores.get(0).pairs(metric).stream()
                .map(PairScores.Pair::prompt)
                .toList();
        return Optional.of(SeedsAndItems.mean(values, prompts).interval());
    }

    private boolean isMean(String metric) {
        for (int i = 0; i < runs.size(); i++) {
            double[] values = scores.get(i).metrics().get(metric);
            double recorded = runs.get(i).metric(metric);
            if (values == null || !(Math.abs(mean(values) - recorded) <= ROUNDING * Math.max(1, Math.abs(recorded)))) {
                return false;
            }
        }
        return true;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }
}
