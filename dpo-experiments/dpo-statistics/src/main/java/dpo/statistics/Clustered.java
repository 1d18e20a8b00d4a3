package dpo.statistics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The mean of values that are dependent within clusters, such as pairs of the same prompt. */
public final class Clustered {

    private Clustered() {}

    /**
     * The mean with the test that its true value is zero: for C clusters of N values,
     *
     * <pre>
     *  SE² = C/(C−1) · Σ_c (Σ_{i∈c} (d_i − d̄))² / N², with t(C−1)
     * </pre>
     *
     * <p>For clusters of one value these are the usual interval and t test of a mean. Miller (2024, arXiv:2411.00640,
     * equation 4) has no factor C/(C−1); his intervals are too narrow for few clusters, by 13 % for four. With the factor
     * it is the cluster-robust standard error CR1 of Stata and statsmodels. For clusters of 1 to 8 values, simulated
     * intervals cover in 92, 93 and 95 % of cases for 5, 10 and 40 clusters.
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
        double squares = sums.values().stream().mapToDouble(sum -> sum * sum).sum();
        int count = sums.size();
        return count < 2
                ? Difference.of(mean, Double.NaN, Double.NaN, count)
                : Difference.of(mean, Math.sqrt(squares * count / (count - 1)) / values.length, count - 1, count);
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
