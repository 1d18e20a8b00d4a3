package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Anchored preference optimisation that lowers both completions, the rejected one more.
 *
 * <pre>  ℓ = σ(β s_w) + 1 − σ(β Δ),   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * D'Oosterlinck et al. 2024 (APO-down, arXiv:2408.06266, eq. 8): for chosen completions that are worse than the model's
 * own. The loss is 1 if policy and reference are equal; it lies between 0 and 2, and its slope vanishes at both ends.
 *
 * <p>Differences from other code: both terms use log-ratios. If an f-divergence is set, TRL 1.x applies it to Δ but not
 * to s_w.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 */
@Published(
        type = "apo_down",
        formula = "σ(βs_w) + 1 - σ(βΔ)",
        paper = "arXiv:2408.06266, eq. 8",
        atInitialisation = "1")
public record ApoDownLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta) implements PairwiseLoss {

    public ApoDownLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double chosen = beta * pair.chosen();
        double reward = beta * pair.margin();
        double towardsMargin = beta * sigmoid(reward) * sigmoid(-reward);
        return new PairTerm(
                sigmoid(chosen) + sigmoid(-reward),
                beta * sigmoid(chosen) * sigmoid(-chosen) - towardsMargin,
                towardsMargin);
    }
}
