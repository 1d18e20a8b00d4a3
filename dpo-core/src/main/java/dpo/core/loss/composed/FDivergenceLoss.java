package dpo.core.loss.composed;

import dpo.core.loss.Baseline;
import dpo.core.loss.Divergence;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.SettingException;
import java.util.OptionalDouble;

/**
 * A pairwise objective with another f-divergence than the reverse KL as constraint (f-DPO, Wang et al. 2023,
 * arXiv:2309.16240):
 *
 * <pre>  ℓ(c_w − c_l),   c = f′(πθ/π_ref)</pre>
 *
 * Defined only for objectives of the margin: the reward of f-DPO is known up to a constant of the prompt, which cancels
 * only in margins.
 *
 * @param loss the objective ℓ, whose own scores must be log-ratios to the reference
 * @param divergence D_f(πθ ‖ π_ref)
 */
@Published(
        type = "divergence",
        formula = "ℓ(c_w - c_l), c = f′(πθ/π_ref): s (reverse_kl), 1 - e^-s (forward_kl), log 2 + log σ(s) (js),"
                + " (1 - e^-αs)/α (alpha)",
        paper = "arXiv:2309.16240, table 1",
        atInitialisation = "the value of the inner objective")
public record FDivergenceLoss(MarginLoss loss, Divergence divergence) implements MarginLoss {

    public FDivergenceLoss {
        if (loss.baseline() != Baseline.REFERENCE) {
            throw new SettingException(
                    "divergence",
                    "must be of an objective with a reference",
                    "the reference-free " + PreferenceLoss.typeOf(loss.getClass()),
                    "preference");
        }
    }

    @Override
    public Reduction reduction() {
        return loss.reduction();
    }

    @Override
    public MarginTerm at(double margin) {
        return loss.at(margin);
    }

    @Override
    public double beta() {
        return loss.beta();
    }

    @Override
    public boolean hasBeta() {
        return loss.hasBeta();
    }

    /** The reward of the inner objective for the score c. */
    @Override
    public double reward(double score, int tokens) {
        return loss.reward(score, tokens);
    }

    @Override
    public OptionalDouble probability(double margin) {
        return loss.probability(margin);
    }
}
