package dpo.data.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A distribution of lengths.
 *
 * @param least the shortest
 * @param median the median
 * @param ninetieth the 90th percentile
 * @param greatest the longest
 * @param mean the mean
 */
public record Lengths(int least, int median, int ninetieth, int greatest, double mean) {

    /** The distribution of one or more lengths; quantiles are observed lengths (nearest rank). */
    public static Lengths of(IntStream lengths) {
        int[] sorted = lengths.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("lengths must hold at least one length, got none");
        }
        return new Lengths(
                sorted[0],
                rank(sorted, 0.5),
                rank(sorted, 0.9),
                sorted[sorted.length - 1],
                Arrays.stream(sorted).average().orElseThrow());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "min %d, median %d, 90%% %d, max %d, mean %.1f", least, median, ninetieth, greatest, mean);
    }

    private static int rank(int[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
