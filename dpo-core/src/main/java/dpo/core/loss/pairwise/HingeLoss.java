package dpo.core.loss.pairwise;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * The hinge loss on the normalised likelihood ratio, as in SLiC-style preference optimisation.
 *
 * <pre>  ℓ = max(0, 1 − βΔ),   Δ = s_w − s_l</pre>
 *
 * Liu et al. 2023 (RSO, arXiv:2309.06657, the hinge-norm loss, with γ written β) and Zhao et al. 2023 (SLiC-HF,
 * arXiv:2305.10425); the margin in log-ratios is 1/β. The loss is 1 if policy and reference are equal. At the kink βΔ =
 * 1 the gradient is taken as 0.
 *
 * @param beta β &gt; 0, the inverse of the margin
 */
@Published(
        type = "hinge",
        formula = "max(0, 1 - βΔ)",
        paper = "arXiv:2309.06657 (RSO, hinge-norm); arXiv:2305.10425",
        atInitialisation = "1")
public record HingeLoss(
        @Setting(about = "β > 0: the margin in log-ratios is 1/β", byDefault = "0.1")
        double beta) implements MarginLoss {

    public HingeLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public MarginTerm at(double margin) {
        double shortfall = 1 - beta * margin;
        // Written so that a NaN margin gives a NaN loss and not a silent zero.
        return shortfall <= 0 ? new MarginTerm(0, 0) : new MarginTerm(shortfall, -beta);
    }
}
