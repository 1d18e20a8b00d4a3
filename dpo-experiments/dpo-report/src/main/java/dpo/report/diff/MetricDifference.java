package dpo.report.diff;

import dpo.statistics.Clustered;
import dpo.statistics.Difference;
import dpo.statistics.Interval;
import dpo.statistics.Proportions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A metric of two runs or settings, and the test of its difference.
 *
 * @param cell settings that both have; empty for two runs
 * @param metric its name
 * @param a the first value
 * @param b the second value
 * @param low lower end of the 95 % interval of b − a; NaN if there is none
 * @param high upper end
 * @param p two-sided p-value of equal expectations; NaN if there is none
 * @param n number of pairs, clusters of pairs, or seeds
 * @param test the test; empty if there is none
 * @param ofA 95 % interval of a, for accuracies
 * @param ofB 95 % interval of b, for accuracies
 */
record MetricDifference(
        String cell,
        String metric,
        double a,
        double b,
        double low,
        double high,
        double p,
        int n,
        String test,
        String ofA,
        String ofB) {

    /** Whether the values differ. */
    boolean differs() {
        return Double.compare(a, b) != 0;
    }

    /** Without a test. */
    static MetricDifference untested(String metric, double a, double b) {
        return new MetricDifference("", metric, a, b, Double.NaN, Double.NaN, Double.NaN, 0, "", "", "");
    }

    /** Of two settings over seeds. */
    static MetricDifference ofSeeds(
            String cell, String metric, double a, double b, Difference difference, String test) {
        return new MetricDifference(
                cell,
                metric,
                a,
                b,
                difference.interval().low(),
                difference.interval().high(),
                difference.p(),
                difference.interval().n(),
                difference.interval().isKnown() ? test : "",
                "",
                "");
    }

    /**
     * Of two runs over the same pairs; accuracies by the exact test of McNemar, all else by the paired t test, also
     * accuracies of ranked lists, which are shares of the pairs of a list.
     */
    static MetricDifference ofPairs(String metric, double a, double b, double[] ofA, double[] ofB, List<?> clusters) {
        double[] differences = new double[ofA.length];
        Arrays.setAll(differences, i -> ofB[i] - ofA[i]);
        Difference mean = Clustered.mean(differences, clusters);
        if (!metric.endsWith("rewards/accuracies") || !areOfPairs(ofA) || !areOfPairs(ofB)) {
            return ofSeeds("", metric, a, b, mean, "paired t");
        }
        int onlyFirst = count(ofA, ofB);
        int onlySecond = count(ofB, ofA);
        return new MetricDifference(
                "",
                metric,
                a,
                b,
                mean.interval().low(),
                mean.interval().high(),
                Proportions.mcNemar(onlyFirst, onlySecond),
                ofA.length,
                "exact McNemar, " + onlyFirst + " only in A, " + onlySecond + " only in B",
                wilson(ofA),
                wilson(ofB));
    }

    /** Whether each value is that of one pair: right, wrong or a tie. */
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

    private static String wilson(double[] values) {
        Interval interval = Proportions.wilson(Arrays.stream(values).sum(), values.length);
        return String.format(Locale.ROOT, "[%.3f, %.3f]", interval.low(), interval.high());
    }
}
