package dpo.lab.estimation;

import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.theory.TransitionFeatures;
import dpo.core.world.ControlledWorld;
import java.util.Arrays;
import java.util.List;

/**
 * What one data set shows of the likelihood.
 *
 * @param seed seed of the data set
 * @param estimate the estimate without ridge
 * @param ratio {@code 2n (L(r) − L(r̂))}
 * @param excess of each new pair, the expected log-loss of r̂ minus that of r
 */
record LikelihoodTrial(long seed, EstimatedReward estimate, double ratio, double[] excess) {

    static LikelihoodTrial of(
            ControlledWorld truth, TransitionFeatures features, int pairs, long seed, List<Preference> fresh) {
        List<Preference> data = EstimatedReward.pairs(truth, pairs, seed);
        EstimatedReward estimate = EstimatedReward.of(truth, data, features, 0);
        double trueLoss = -Arrays.stream(gaps(truth, data))
                .map(LogSpace::logSigmoid)
                .average()
                .orElseThrow();
        double[] gaps = gaps(truth, fresh);
        double[] estimated = gaps(estimate.estimated(), fresh);
        double[] excess = new double[gaps.length];
        Arrays.setAll(excess, j -> divergence(gaps[j], estimated[j]));
        return new LikelihoodTrial(
                seed, estimate, 2 * pairs * (trueLoss - estimate.fit().loss()), excess);
    }

    /** {@code r(x, y_w) − r(x, y_l)} of each pair. */
    static double[] gaps(ControlledWorld world, List<Preference> pairs) {
        return pairs.stream()
                .mapToDouble(pair -> reward(world, pair.chosen()) - reward(world, pair.rejected()))
                .toArray();
    }

    private static double reward(ControlledWorld world, TokenSequence sequence) {
        return world.reward(sequence.id(0) - world.shape().vocabulary(), sequence.scoredIds());
    }

    /** The divergence of a label with log odds δ̂ from one with the true log odds δ. */
    private static double divergence(double truth, double estimate) {
        return LogSpace.sigmoid(truth) * (LogSpace.logSigmoid(truth) - LogSpace.logSigmoid(estimate))
                + LogSpace.sigmoid(-truth) * (LogSpace.logSigmoid(-truth) - LogSpace.logSigmoid(-estimate));
    }
}
