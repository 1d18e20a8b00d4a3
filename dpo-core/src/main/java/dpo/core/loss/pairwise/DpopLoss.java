package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * DPO-positive: DPO with a penalty if the chosen completion is less likely under the policy than under the reference.
 *
 * <pre>  ℓ = −log σ(β [Δ − λ max(0, −s_w)]),   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Pal et al. 2024 (Smaug, arXiv:2402.13228). The loss is log 2 if policy and reference are equal; there, at the kink
 * s_w = 0, the gradient is that of DPO. At λ = 0 it is DPO. Value and gradient are finite at all finite scores.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param lambda λ ≥ 0, weight of the penalty for a decrease of the chosen log-probability; the paper's 50 by default
 */
@Published(
        type = "dpop",
        formula = "-log σ(β [Δ - λ max(0, -s_w)])",
        paper = "arXiv:2402.13228 (DPO-positive)",
        atInitialisation = "log 2 = 0.6931")
public record DpopLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(
                about = "λ >= 0: weight of the penalty for a decrease of the chosen log-probability",
                byDefault = "50.0")
        double lambda)
        implements PairwiseLoss {

    public DpopLoss {
        Requirement.positive("beta", beta);
        Requirement.notNegative("lambda", lambda);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double reward = beta * (pair.margin() - lambda * Math.max(0, -pair.chosen()));
        double slope = beta * sigmoid(-reward);
        double chosenFactor = pair.chosen() < 0 ? 1 + lambda : 1;
        return new PairTerm(-logSigmoid(reward), -slope * chosenFactor, slope);
    }
}
