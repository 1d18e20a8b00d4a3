package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * DPO with an offset: the target margin grows with the rating gap of the pair.
 *
 * <pre>  ℓ = −log σ(βΔ − α f(gap)),   Δ = s_w − s_l,   f(gap) = log gap or gap</pre>
 *
 * Amini, Vieira and Cotterell 2024 (ODPO, arXiv:2402.10571); the gap is the rating of the chosen completion minus that
 * of the rejected one. The paper scales it by a logarithm, so that a gap of 1 has the offset 0, and also tests the gap
 * itself. At α = 0 it is DPO. The loss is log(1 + e^(α f)) if policy and reference are equal. Value and gradient are
 * finite at every finite margin.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param alpha α ≥ 0, weight of the offset; 1 in the authors' code
 * @param scale how the gap enters
 */
@Published(
        type = "odpo",
        formula = "-log σ(βΔ - α f(rating gap)), f = log or identity",
        paper = "arXiv:2402.10571 (ODPO)",
        atInitialisation = "log(1 + exp(α f(rating gap)))")
public record OdpoLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "α >= 0: weight of the offset", byDefault = "1.0")
        double alpha,

        @Setting(about = "log or linear: how the rating gap enters the offset", byDefault = "log")
        Scale scale)
        implements PairwiseLoss {

    /** How a rating gap becomes an offset. */
    public enum Scale {
        /** Its logarithm; every pair must have a gap above 0. */
        LOG,
        /** The gap itself. */
        LINEAR
    }

    public OdpoLoss {
        Requirement.positive("beta", beta);
        Requirement.notNegative("alpha", alpha);
    }

    /** @throws IllegalArgumentException if the pair has no ratings, or the gap has no logarithm */
    @Override
    public PairTerm pair(Pair pair) {
        double reward = beta * pair.margin() - alpha * scaled(RatingGaps.of(pair, this));
        return PairTerm.ofMargin(-logSigmoid(reward), -beta * sigmoid(-reward));
    }

    @Override
    public void requireUsable(Label label) {
        RatingGaps.require(label, this);
        scaled(label.ratings().get(0) - label.ratings().get(1));
    }

    private double scaled(double gap) {
        if (scale == Scale.LINEAR) {
            return gap;
        }
        Requirement.positive("rating gap of a pair, for odpo with scale log,", gap);
        return Math.log(gap);
    }
}
