package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Length-regularised DPO: DPO for the reward minus a penalty per token.
 *
 * <pre>  ℓ = −log σ(βΔ + α (L_w − L_l)),   Δ = s_w − s_l,   L = number of tokens of a completion</pre>
 *
 * Park et al. 2024 (R-DPO, arXiv:2403.19159). The sign is that of the derivation: the policy that maximises E[r − αL] −
 * β KL(πθ ‖ π_ref) has r = β log(πθ/π_ref) + αL up to a constant of the prompt, and the labels follow r. The length of
 * a longer chosen completion thus explains a part of the preference, and the gradient of its pair is smaller. The loss
 * is log(1 + e^(−α (L_w − L_l))) if policy and reference are equal. It is DPO at α = 0. Value and gradient are finite
 * at every finite margin.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param alpha α ≥ 0, penalty per token in units of reward
 */
@Published(
        type = "r_dpo",
        formula = "-log σ(βΔ + α (L_w - L_l))",
        paper = "arXiv:2403.19159 (R-DPO)",
        atInitialisation = "log(1 + exp(-α (L_w - L_l)))")
public record RDpoLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "α >= 0: penalty per token, in units of reward")
        double alpha)
        implements PairwiseLoss {

    public RDpoLoss {
        Requirement.positive("beta", beta);
        Requirement.notNegative("alpha", alpha);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double reward = beta * pair.margin() + alpha * (pair.chosenTokens() - pair.rejectedTokens());
        return PairTerm.ofMargin(-logSigmoid(reward), -beta * sigmoid(-reward));
    }

    /** {@code β s + αL}, the reward of the labels. */
    @Override
    public double reward(double score, int tokens) {
        return beta * score + alpha * tokens;
    }

    /** σ of the margin of rewards: Bradley and Terry's model. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
