package dpo.statistics;

import java.util.Arrays;
import java.util.List;

/**
 * The mean of a score over seeds and items, both random: SE² = σ²_seed/S + σ²_item/N + σ²_residual/(S·N), for values
 * y_si = μ + seed_s + item_i + residual_si. Items of the same cluster may be dependent.
 *
 * <p>With e = y − ȳ and the sums of each seed, each cluster, and each seed and cluster (of residuals without the effects
 * of seed and item), divided by S·N and squared,
 *
 * <pre>
 *  V_seed = S/(S−1) · Σ_s(·)²    V_item = C/(C−1) · Σ_c(·)²    V_both = S·C/((S−1)(C−1)) · Σ_sc(·)²
 *  SE² = max(0, V_seed − V_both) + max(0, V_item − V_both) + V_both
 * </pre>
 *
 * <p>For clusters of one item these are the mean squares of the two-way analysis of variance, divided by S·N. The
 * degrees of freedom are Satterthwaite's.
 */
public final class SeedsAndItems {

    private SeedsAndItems() {}

    /**
     * The mean with its 95 % interval; without an interval for fewer than two seeds or clusters.
     *
     * @param values {@code [seed][item]}, the same items in each row
     * @param clusters the cluster of each item
     */
    public static Difference mean(double[][] values, List<?> clusters) {
        int seeds = values.length;
        int items = clusters.size();
        double[] ofSeeds = Arrays.stream(values).mapToDouble(Sample::mean).toArray();
        double[] ofItems = new double[items];
        for (double[] row : values) {
            if (row.length != items) {
                throw new IllegalArgumentException("values must be " + items + " per seed, got " + row.length);
            }
            for (int i = 0; i < items; i++) {
                ofItems[i] += row[i] / seeds;
            }
        }
        double mean = Sample.mean(ofSeeds);
        double[] itemEffects = Arrays.stream(ofItems).map(y -> y - mean).toArray();
        int count = Clustered.sums(itemEffects, clusters).size();
        int fewest = Math.min(seeds, count);
        if (fewest < 2) {
            return Difference.of(mean, Double.NaN, Double.NaN, fewest);
        }
        double seedPart = Sample.squares(ofSeeds) / ((double) seeds * (seeds - 1));
        double itemPart = squares(itemEffects, clusters) / ((double) items * items) * count / (count - 1);
        double bothPart = 0;
        for (int s = 0; s < seeds; s++) {
            double[] residuals = new double[items];
            for (int i = 0; i < items; i++) {
                residuals[i] = values[s][i] - ofSeeds[s] - itemEffects[i];
            }
            bothPart += squares(residuals, clusters);
        }
        bothPart *= (double) seeds * count / ((seeds - 1.0) * (count - 1.0)) / square((double) seeds * items);
        double variance = Math.max(0, seedPart - bothPart) + Math.max(0, itemPart - bothPart) + bothPart;
        double df = square(variance)
                / (square(seedPart) / (seeds - 1)
                        + square(itemPart) / (count - 1)
                        + square(bothPart) / ((seeds - 1.0) * (count - 1.0)));
        return Difference.of(mean, Math.sqrt(variance), variance == 0 ? fewest - 1 : df, fewest);
    }

    private static double squares(double[] values, List<?> clusters) {
        return Clustered.sums(values, clusters).values().stream()
                .mapToDouble(SeedsAndItems::square)
                .sum();
    }

    private static double square(double value) {
        return value * value;
    }
}
