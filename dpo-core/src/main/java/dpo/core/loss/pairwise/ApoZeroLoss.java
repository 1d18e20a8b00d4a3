package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Anchored preference optimisation that lifts the chosen completion and lowers the rejected one, each against the
 * reference.
 *
 * <pre>  ℓ = 1 − σ(β s_w) + σ(β s_l),   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * D'Oosterlinck et al. 2024 (APO-zero, arXiv:2408.06266, eq. 7): for chosen completions that are better than the
 * model's own. The loss is 1 if policy and reference are equal; it lies between 0 and 2, and its slope vanishes at both
 * ends.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 */
@Published(
        type = "apo_zero",
        formula = "1 - σ(βs_w) + σ(βs_l)",
        paper = "arXiv:2408.06266, eq. 7",
        atInitialisation = "1")
public record ApoZeroLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta) implements PairwiseLoss {

    public ApoZeroLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double chosen = beta * pair.chosen();
        double rejected = beta * pair.rejected();
        return new PairTerm(
                sigmoid(-chosen) + sigmoid(rejected),
                -beta * sigmoid(chosen) * sigmoid(-chosen),
                beta * sigmoid(rejected) * sigmoid(-rejected));
    }
}
