package dpo.statistics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The mean of values that are dependent within clusters, such as pairs of the same prompt. */
public final class Clustered {

    private Clustered() {}

    /**
     * The mean with the test that its true value is zero; SE² = Σ_c (Σ_{i∈c} (d_i − d̄))² / N², with t(C − 1) for C
     * clusters (Miller 2024, arXiv:2411.00640, equation 4).
     *
     * @param values one per item
     * @param clusters the cluster of each item
     */
    public static Difference mean(double[] values, List<?> clusters) {
        double mean = Sample.mean(values);
        double[] residuals = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            residuals[i] = values[i] - mean;
        }
        Map<Object, Double> sums = sums(residuals, clusters);
        double square = sums.values().stream().mapToDouble(sum -> sum * sum).sum();
        int count = sums.size();
        return count < 2
                ? Difference.of(mean, Double.NaN, Double.NaN, count)
                : Difference.of(mean, Math.sqrt(square) / values.length, count - 1, count);
    }

    /** The sum of each cluster, in the order of first appearance. */
    static Map<Object, Double> sums(double[] values, List<?> clusters) {
        if (values.length != clusters.size()) {
            throw new IllegalArgumentException(
                    "clusters must be one per value, got " + clusters.size() + " for " + values.length);
        }
        Map<Object, Double> sums = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            sums.merge(clusters.get(i), values[i], Double::sum);
        }
        return sums;
    }
}
