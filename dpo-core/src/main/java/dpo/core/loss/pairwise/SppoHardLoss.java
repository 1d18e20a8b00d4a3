package dpo.core.loss.pairwise;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Self-play preference optimisation with hard labels: each log-ratio has its own target.
 *
 * <pre>  ℓ = (s_w − 1/(2β))² + (s_l + 1/(2β))²,   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Wu et al. 2024 (SPPO, arXiv:2405.00675, eq. 4.7) with win probabilities 1 and 0 instead of estimated ones, as TRL's
 * {@code sppo_hard}. β is 1/η of the paper; it sets the targets and never scales a score. The loss is 1/(2β²) if policy
 * and reference are equal. Value and gradient are finite at all finite scores (as long as the squares do not overflow).
 *
 * @param beta β &gt; 0, the paper's 1/η; the targets are ±1/(2β)
 */
@Published(
        type = "sppo_hard",
        formula = "(s_w - 1/(2β))² + (s_l + 1/(2β))²",
        paper = "arXiv:2405.00675, eq. 4.7, with hard labels",
        atInitialisation = "1/(2β²); 50 at β = 0.1")
public record SppoHardLoss(
        @Setting(about = "β > 0: the targets are ±1/(2β)", byDefault = "0.1")
        double beta) implements PairwiseLoss {

    public SppoHardLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double chosenMiss = pair.chosen() - 1 / (2 * beta);
        double rejectedMiss = pair.rejected() + 1 / (2 * beta);
        double value = chosenMiss * chosenMiss + rejectedMiss * rejectedMiss;
        return new PairTerm(value, 2 * chosenMiss, 2 * rejectedMiss);
    }
}
