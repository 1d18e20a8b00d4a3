package dpo.core.loss.referencefree;

import dpo.core.loss.Baseline;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Sequence likelihood calibration from human feedback: a hinge on log-probabilities, and the likelihood of the chosen
 * completion.
 *
 * <pre>  ℓ = max(0, δ − l_w + l_l) − λ l_w,   l = Σ_t log πθ(y_t)</pre>
 *
 * Zhao et al. 2023 (SLiC-HF, arXiv:2305.10425, eq. 1), with the chosen completion as the target of the regularising
 * term; for separate targets add an {@code sft} term with its own data. It uses no reference; the hinge on log-ratios
 * is {@link HingeLoss}. At the kink l_w − l_l = δ the gradient of the hinge is taken as 0.
 *
 * @param delta δ ≥ 0, margin of log-probabilities, nats
 * @param lambda λ ≥ 0, weight of the negative log-likelihood
 */
@Published(
        type = "slic_hf",
        formula = "max(0, δ - l_w + l_l) - λ l_w, l = log πθ of a completion",
        paper = "arXiv:2305.10425, eq. 1",
        atInitialisation = "max(0, δ - l_w + l_l) - λ l_w; no reference")
public record SlicHfLoss(
        @Setting(about = "δ >= 0: margin of log-probabilities, nats", byDefault = "1.0")
        double delta,

        @Setting(about = "λ >= 0: weight of the NLL of the chosen completion", byDefault = "0.1")
        double lambda)
        implements PairwiseLoss {

    public SlicHfLoss {
        Requirement.notNegative("delta", delta);
        Requirement.notNegative("lambda", lambda);
    }

    @Override
    public Baseline baseline() {
        return Baseline.NONE;
    }

    @Override
    public PairTerm pair(Pair pair) {
        double shortfall = delta - pair.margin();
        double active = shortfall > 0 ? 1 : 0;
        // Math.max returns NaN for NaN, so that a NaN margin gives a NaN loss and not a silent zero.
        return new PairTerm(Math.max(0, shortfall) - lambda * pair.chosen(), -active - lambda, active);
    }
}
