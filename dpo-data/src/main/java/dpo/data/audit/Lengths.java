package dpo.data.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A distribution of lengths.
 *
 * @param min the shortest length
 * @param median the median length
 * @param percentile90 the 90th percentile
 * @param max the longest length
 * @param mean the mean length
 */
public record Lengths(int min, int median, int percentile90, int max, double mean) {

    /** The distribution of one or more lengths; quantiles are observed lengths (nearest rank). */
    public static Lengths of(IntStream lengths) {
        int[] sorted = lengths.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("lengths must hold at least one length, got none");
        }
        return new Lengths(
                sorted[0],
                quantile(sorted, 0.5),
                quantile(sorted, 0.9),
                sorted[sorted.length - 1],
                Arrays.stream(sorted).average().orElseThrow());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "min %d, median %d, 90%% %d, max %d, mean %.1f", min, median, percentile90, max, mean);
    }

    private static int quantile(int[] sorted, double fraction) {
        return sorted[(int) Math.ceil(fraction * sorted.length) - 1];
    }
}
