package dpo.statistics;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The distribution of max_i |t_i| for Student statistics t_i that share a baseline and the estimate of the variance,
 * integrated numerically with an error below 1e-7:
 *
 * <pre>
 *  P(max |t_i| &lt; t) = ∫ f(s) ∫ φ(z) Π_i [Φ((λ_i z + t s)/√(1−λ_i²)) − Φ((λ_i z − t s)/√(1−λ_i²))] dz ds
 * </pre>
 *
 * with s the ratio of the estimated to the true standard deviation, λ_i² = n_i/(n_i + n_0), and correlations λ_i·λ_j.
 */
final class LargestOfSeveralT {

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    /** Normal scores from −8 to 8 in steps of 0.2; the trapezoidal rule converges exponentially on them. */
    private static final double[] SCORES = scores();

    private final SortedMap<Double, Integer> lambdas = new TreeMap<>();
    private final double[] ratios;

    LargestOfSeveralT(double[] lambdas, double df) {
        Arrays.stream(lambdas).forEach(lambda -> this.lambdas.merge(lambda, 1, Integer::sum));
        ChiSquaredDistribution chiSquared = ChiSquaredDistribution.of(df);
        // The integral over s becomes one over the normal score of the same probability.
        ratios = Arrays.stream(SCORES)
                .map(score -> Math.sqrt((score < 0
                                ? chiSquared.inverseCumulativeProbability(NORMAL.cumulativeProbability(score))
                                : chiSquared.inverseSurvivalProbability(NORMAL.survivalProbability(score)))
                        / df))
                .toArray();
    }

    private static double[] scores() {
        double[] scores = new double[81];
        Arrays.setAll(scores, i -> 0.2 * (i - 40));
        return scores;
    }

    /** P(max |t_i| ≥ t). */
    double exceedance(double t) {
        double outside = 0;
        double weights = 0;
        for (int i = 0; i < SCORES.length; i++) {
            double weight = NORMAL.density(SCORES[i]);
            weights += weight;
            outside += weight * anyOutside(t * ratios[i]);
        }
        return Math.min(1, outside / weights);
    }

    /** P(max |t_i| ≥ bound) for a known variance; the complement is summed, so that a small one is not lost. */
    private double anyOutside(double bound) {
        double outside = 0;
        double weights = 0;
        for (double z : SCORES) {
            double logInside = 0;
            for (Map.Entry<Double, Integer> group : lambdas.entrySet()) {
                double lambda = group.getKey();
                double scale = Math.sqrt(1 - lambda * lambda);
                double tails = NORMAL.cumulativeProbability((lambda * z - bound) / scale)
                        + NORMAL.survivalProbability((lambda * z + bound) / scale);
                logInside += group.getValue() * Math.log1p(-Math.min(1, tails));
            }
            double weight = NORMAL.density(z);
            weights += weight;
            outside += weight * -Math.expm1(logInside);
        }
        return outside / weights;
    }

    /** The t with P(max |t_i| ≥ t) = level, by bisection. */
    double critical(double level) {
        double low = 0;
        double high = 1;
        while (exceedance(high) > level) {
            low = high;
            high *= 2;
        }
        while (high - low > 1e-10 * high) {
            double middle = (low + high) / 2;
            if (exceedance(middle) > level) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
