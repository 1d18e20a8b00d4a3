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

    private static int[] sorted(double[] values, Comparator<Integer> comparator) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(comparator)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
