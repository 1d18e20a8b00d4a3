package dpo.report.diff;

import dpo.core.InvalidInputException;
import dpo.report.comparison.Contrast;
import dpo.report.results.Summary;
import dpo.statistics.Clustered;
import dpo.statistics.Difference;
import dpo.statistics.Interval;
import dpo.statistics.Proportions;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A metric of two runs or cells, and the test of its difference.
 *
 * @param cell settings that both have; empty for two runs
 * @param metric its name
 * @param a the first value; of cells the mean over the compared seeds, geometric for metrics on the logarithmic scale
 * @param b the second value
 * @param effect {@code difference} (b − a) or {@code ratio} (b / a)
 * @param estimate the effect with its 95 % interval, n the number of pairs, clusters of pairs, or seeds; 0 without a test
 * @param p two-sided p-value of equal expectations; NaN if there is none
 * @param test the test; empty if there is none
 * @param ofA 95 % interval of a, for accuracies
 * @param ofB 95 % interval of b, for accuracies
 */
record MetricDifference(
        String cell,
        String metric,
        double a,
        double b,
        String effect,
        Interval estimate,
        double p,
        String test,
        String ofA,
        String ofB) {

    /**
     * Requires that metrics are known.
     *
     * @throws InvalidInputException if one is not
     */
    static void requireKnown(Collection<String> metrics, Collection<String> known) {
        List<String> unknown =
                metrics.stream().filter(name -> !known.contains(name)).toList();
        if (!unknown.isEmpty()) {
            throw new InvalidInputException("--metric must be one of the results " + known + ", got " + unknown);
        }
    }

    /** Whether the values differ. */
    boolean differs() {
        return Double.compare(a, b) != 0;
    }

    /** Without a test. */
    static MetricDifference untested(String metric, double a, double b) {
        boolean isRatio = Summary.isOnLogScale(metric);
        double effect = isRatio ? (a > 0 && b > 0 ? b / a : Double.NaN) : b - a;
        return new MetricDifference(
                "",
                metric,
                a,
                b,
                isRatio ? "ratio" : "difference",
                Interval.without(effect, 0),
                Double.NaN,
                "",
                "",
                "");
    }

    /** Of two cells over seeds. */
    static MetricDifference ofCells(String cell, double a, double b, Contrast contrast) {
        boolean isTested = contrast.estimate().isKnown();
        return new MetricDifference(
                cell,
                contrast.metric(),
                a,
                b,
                contrast.effect(),
                contrast.estimate(),
                contrast.p(),
                isTested ? contrast.test() : "",
                "",
                "");
    }

    /**
     * Of two runs over the same pairs, by the paired t test, clustered by prompt. Accuracies of pairs that all have prompts
     * of their own are tested by the exact test of McNemar, with the intervals of Wilson.
     */
    static MetricDifference ofPairs(String metric, double a, double b, double[] ofA, double[] ofB, List<?> clusters) {
        double[] differences = new double[ofA.length];
        Arrays.setAll(differences, i -> ofB[i] - ofA[i]);
        Difference mean = Clustered.mean(differences, clusters);
        boolean isAccuracy = metric.endsWith("rewards/accuracies") && areOfPairs(ofA) && areOfPairs(ofB);
        boolean isByMcNemar = isAccuracy && Proportions.areIndependent(clusters);
        int onlyFirst = count(ofA, ofB);
        int onlySecond = count(ofB, ofA);
        Interval interval = mean.interval();
        return new MetricDifference(
                "",
                metric,
                a,
                b,
                "difference",
                new Interval(b - a, interval.low(), interval.high(), interval.n()),
                isByMcNemar ? Proportions.mcNemar(onlyFirst, onlySecond) : mean.p(),
                isByMcNemar
                        ? "exact McNemar, " + onlyFirst + " only in A, " + onlySecond + " only in B"
                        : interval.isKnown() ? "paired t" : "",
                isAccuracy ? text(Proportions.ofPairs(ofA, clusters)) : "",
                isAccuracy ? text(Proportions.ofPairs(ofB, clusters)) : "");
    }

    /** Whether each value is that of one pair: right, wrong or a tie. Those of ranked lists are shares of several pairs. */
    private static boolean areOfPairs(double[] accuracies) {
        return Arrays.stream(accuracies).allMatch(value -> value == 0 || value == 0.5 || value == 1);
    }

    private static int count(double[] right, double[] wrong) {
        int count = 0;
        for (int i = 0; i < right.length; i++) {
            count += right[i] == 1 && wrong[i] < 1 ? 1 : 0;
        }
        return count;
    }

    private static String text(Interval interval) {
        return interval.isKnown() ? String.format(Locale.ROOT, "[%.3f, %.3f]", interval.low(), interval.high()) : "";
    }
}
