package dpo.statistics;

import java.util.Arrays;

/** Moments and quantiles that the intervals of this package share. */
final class Sample {

    private Sample() {}

    /** The arithmetic mean; NaN without values. */
    static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    /** Σ (x − x̄)². */
    static double squares(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    }

    /** The sample variance with divisor n − 1. */
    static double variance(double[] values) {
        return squares(values) / (values.length - 1);
    }

    /** a − b, element by element. */
    static double[] differences(double[] a, double[] b) {
        requireEqualLengths(a, b);
        double[] differences = new double[a.length];
        Arrays.setAll(differences, i -> a[i] - b[i]);
        return differences;
    }

    static void requireEqualLengths(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("samples must have equal lengths, got " + a.length + " and " + b.length);
        }
    }

    static double[] logs(double[] values) {
        return Arrays.stream(values).map(Math::log).toArray();
    }
}
