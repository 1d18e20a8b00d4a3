package dpo.data.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The distribution of some lengths.
 *
 * @param least the shortest
 * @param median half are at most this long
 * @param ninetieth nine of ten are at most this long
 * @param greatest the longest
 * @param mean the mean
 */
public record Lengths(int least, int median, int ninetieth, int greatest, double mean) {

    /** The distribution of at least one length; quantiles are lengths that occur (nearest rank). */
    public static Lengths of(IntStream lengths) {
        int[] sorted = lengths.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("lengths must hold at least one length, got none");
        }
        return new Lengths(sorted[0], rank(sorted, 0.5), rank(sorted, 0.9), sorted[sorted.length - 1],
                Arrays.stream(sorted).average().orElseThrow());
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "min %d, median %d, 90%% %d, max %d, mean %.1f",
                least, median, ninetieth, greatest, mean);
    }

    private static int rank(int[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
