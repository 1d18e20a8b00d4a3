package dpo.statistics;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Intervals and tests for accuracies. */
public final class Proportions {

    private static final double Z =
            NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + StudentT.COVERAGE) / 2);

    private Proportions() {}

    /**
     * Wilson's 95 % interval of a proportion of independent observations: (p̂ + z²/2n ± z·√(p̂(1−p̂)/n + z²/4n²)) / (1 +
     * z²/n), z = 1.96. It never leaves [0, 1].
     *
     * @param successes number of successes; a tie may count one half
     */
    public static Interval wilson(double successes, int n) {
        if (!(successes >= 0 && successes <= n)) {
            throw new IllegalArgumentException("successes must be in [0, " + n + "], got " + successes);
        }
        if (n == 0) {
            return Interval.without(Double.NaN, 0);
        }
        double share = successes / n;
        double z2 = Z * Z / n;
        double centre = (share + z2 / 2) / (1 + z2);
        double half = Z * Math.sqrt(share * (1 - share) / n + z2 / (4 * n)) / (1 + z2);
        return new Interval(share, Math.max(0, centre - half), Math.min(1, centre + half), n);
    }

    /**
     * The 95 % interval of an accuracy over pairs: {@link #wilson} if each pair has a prompt of its own, otherwise {@link
     * Clustered#mean}, cut at 0 and 1.
     *
     * @param accuracies 1, 0, or ½ for a tie, one per pair
     * @param prompts the prompt of each pair
     */
    public static Interval ofPairs(double[] accuracies, List<?> prompts) {
        if (areIndependent(prompts)) {
            return wilson(Arrays.stream(accuracies).sum(), accuracies.length);
        }
        Interval mean = Clustered.mean(accuracies, prompts).interval();
        // Math.max and Math.min keep the NaN of a missing interval.
        return new Interval(mean.estimate(), Math.max(0, mean.low()), Math.min(1, mean.high()), mean.n());
    }

    /** Whether all pairs have prompts of their own, so that intervals and tests of independent observations hold. */
    public static boolean areIndependent(List<?> prompts) {
        return new HashSet<>(prompts).size() == prompts.size();
    }

    /**
     * The exact test of McNemar for two policies on the same pairs: under the hypothesis of equal accuracies, the
     * number of pairs that only the first policy orders correctly is Bin(b + c, ½).
     *
     * @param onlyFirst number of pairs that only the first policy orders correctly (b)
     * @param onlySecond number of pairs that only the second policy orders correctly (c)
     * @return the two-sided p-value, 1 if both are zero
     */
    public static double mcNemar(int onlyFirst, int onlySecond) {
        int different = Math.addExact(onlyFirst, onlySecond);
        double tail = BinomialDistribution.of(different, 0.5).cumulativeProbability(Math.min(onlyFirst, onlySecond));
        return Math.min(1, 2 * tail);
    }
}
