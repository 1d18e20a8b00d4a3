package dpo.core.numeric;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Sort order and ranks of numbers. */
public final class Ranking {

    private Ranking() {}

    /** Positions of the values from the smallest to the largest, equal ones in the order given; NaN last. */
    public static int[] ascending(double[] values) {
        return sorted(values, Comparator.comparingDouble(i -> values[i]));
    }

    /** Rank of each value, 1 for the largest; equal ones in the order given. */
    public static int[] descendingRanks(double[] values) {
        int[] order = sorted(values, Comparator.comparingDouble(i -> -values[i]));
        int[] ranks = new int[order.length];
        for (int rank = 1; rank <= order.length; rank++) {
            ranks[order[rank - 1]] = rank;
        }
        return ranks;
    }

    /**
     * Spearman's rank correlation, Pearson's of the ranks, of which equal values have the mean; in [−1, 1]. NaN if all
     * values of one kind are equal, or one is NaN.
     */
    public static double correlation(double[] first, double[] second) {
        if (first.length != second.length) {
            throw new IllegalArgumentException(
                    "values must be as many as the first ones (" + first.length + "), got " + second.length);
        }
        double[] a = meanRanks(first);
        double[] b = meanRanks(second);
        double mean = (first.length + 1) / 2.0;
        double product = 0;
        double ofFirst = 0;
        double ofSecond = 0;
        for (int i = 0; i < a.length; i++) {
            product += (a[i] - mean) * (b[i] - mean);
            ofFirst += (a[i] - mean) * (a[i] - mean);
            ofSecond += (b[i] - mean) * (b[i] - mean);
        }
        return product / Math.sqrt(ofFirst * ofSecond);
    }

    private static double[] meanRanks(double[] values) {
        double[] ranks = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double below = 0;
            double equal = 0;
            for (double other : values) {
                below += other < values[i] ? 1 : 0;
                equal += other == values[i] ? 1 : 0;
            }
            ranks[i] = equal == 0 ? Double.NaN : below + (equal + 1) / 2;
        }
        return ranks;
    }

    private static int[] sorted(double[] values, Comparator<Integer> comparator) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(comparator)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
