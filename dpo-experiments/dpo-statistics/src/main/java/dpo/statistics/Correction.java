package dpo.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Adjusts the p-values of m tests, so that each can be compared with the level α itself. NaN (no test) stays NaN and
 * does not count.
 */
public enum Correction {

    /** Unchanged: each test alone has error rate α. */
    NONE("no correction for several comparisons") {
        @Override
        double factor(int rank, int tests) {
            return 1;
        }
    },

    /** Holm 1979: the probability of any false rejection is at most α; p₍ᵢ₎ is compared with α/(m − i + 1). */
    HOLM("Holm's correction") {
        @Override
        double factor(int rank, int tests) {
            return tests - rank;
        }
    },

    /**
     * Benjamini and Hochberg 1995: the expected share of false ones among the rejections is at most α. For exploratory
     * tables.
     */
    BENJAMINI_HOCHBERG("Benjamini-Hochberg correction, which bounds the false discovery rate") {
        @Override
        double factor(int rank, int tests) {
            return (double) tests / (rank + 1);
        }
    };

    private final String description;

    Correction(String description) {
        this.description = description;
    }

    /** The correction in words, for captions. */
    public String description() {
        return description;
    }

    /** The adjusted p-values, in the order of the given ones. */
    public double[] adjust(double[] p) {
        int[] ascending = IntStream.range(0, p.length)
                .filter(i -> !Double.isNaN(p[i]))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .mapToInt(i -> i)
                .toArray();
        int tests = ascending.length;
        double[] adjusted = new double[p.length];
        Arrays.fill(adjusted, Double.NaN);
        // A larger p-value must not become the smaller one: Holm passes on from the smallest, the other from the
        // largest.
        boolean fromLargest = this == BENJAMINI_HOCHBERG;
        double bound = fromLargest ? 1 : 0;
        for (int step = 0; step < tests; step++) {
            int rank = fromLargest ? tests - 1 - step : step;
            double scaled = Math.min(1, p[ascending[rank]] * factor(rank, tests));
            bound = fromLargest ? Math.min(bound, scaled) : Math.max(bound, scaled);
            adjusted[ascending[rank]] = this == NONE ? p[ascending[rank]] : bound;
        }
        return adjusted;
    }

    /** The factor of the p-value at a rank, counted from zero. */
    abstract double factor(int rank, int tests);
}
