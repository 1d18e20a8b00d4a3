package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.expThenTangent;
import static dpo.core.numeric.LogSpace.expUpToTangent;
import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * χ²-preference optimisation: DPO with the link of the χ²-divergence added to the logarithm.
 *
 * <pre>  ℓ = −log σ(clip_[−2R, 2R](β [φ(s_w) − φ(s_l)])),   φ(s) = e^s + s,   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Huang et al. 2024 (χPO, arXiv:2407.13399, algorithm 1); in the paper φ(z) = z + log z of the ratio z = e^s. The
 * margin of rewards is clipped at ±2R, where R is the largest reward. At and beyond that bound the gradient is 0. The
 * loss is log 2 if policy and reference are equal. Beyond an exponent of 80 the exponential is replaced by its tangent,
 * so that value and gradient are finite at all finite scores.
 *
 * @param beta β &gt; 0, strength of the constraint
 * @param maxReward R &gt; 0, the paper's R_max, bound on the rewards
 */
@Published(
        type = "chi_po",
        formula = "-log σ(clip(β [φ(s_w) - φ(s_l)], ±2R)), φ(s) = exp(s) + s",
        paper = "arXiv:2407.13399, algorithm 1",
        atInitialisation = "log 2 = 0.6931")
public record ChiPoLoss(
        @Setting(about = "β > 0: strength of the constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "R > 0: bound on the rewards; margins are clipped at ±2R")
        double maxReward)
        implements PairwiseLoss {

    public ChiPoLoss {
        Requirement.positive("beta", beta);
        Requirement.positive("max_reward", maxReward);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double exponentials = expThenTangent(pair.chosen()) - expThenTangent(pair.rejected());
        double margin = beta * (exponentials + pair.margin());
        double bound = 2 * maxReward;
        double reward = Math.max(-bound, Math.min(bound, margin));
        double slope = Math.abs(margin) < bound ? beta * sigmoid(-reward) : 0;
        return new PairTerm(
                -logSigmoid(reward),
                -slope * (expUpToTangent(pair.chosen()) + 1),
                slope * (expUpToTangent(pair.rejected()) + 1));
    }

    /** {@code β φ(s)}. */
    @Override
    public double reward(double score, int tokens) {
        return beta * (expThenTangent(score) + score);
    }

    /** σ of the margin of rewards, clipped as in the loss. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(Math.max(-2 * maxReward, Math.min(2 * maxReward, margin))));
    }
}
