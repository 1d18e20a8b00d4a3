package dpo.lab.estimation;

import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.theory.BradleyTerry;
import dpo.core.theory.TransitionFeatures;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import java.util.List;

/**
 * A reward estimated from pairs of a controlled world.
 *
 * @param world the true world
 * @param fit the estimate
 * @param estimated the world with the estimated reward
 */
record EstimatedReward(ControlledWorld world, BradleyTerry.Fit fit, ControlledWorld estimated) {

    /** The training pairs of a run with this seed. */
    static List<Preference> pairs(ControlledWorld world, int n, long seed) {
        return world.samplePairs(n, new RandomStreams(seed).stream("pairs/train"));
    }

    /** The estimate of most likelihood in a class of rewards. */
    static EstimatedReward of(
            ControlledWorld world, List<Preference> pairs, TransitionFeatures features, double ridge) {
        BradleyTerry.Fit fit = BradleyTerry.fit(features.differences(pairs), ridge);
        ControlledWorld estimated =
                new ControlledWorld(world.shape(), world.referenceLogits(), features.rewards(fit.weights()));
        return new EstimatedReward(world, fit, estimated);
    }

    /** π̂_β ∝ π_ref exp(r̂/β). */
    MarkovPolicy policy(double beta) {
        return estimated.optimum(beta);
    }

    /** J_β(π*_β) − J_β(π̂_β) under the true reward. */
    double regret(double beta) {
        return world.regret(policy(beta), beta);
    }
}
