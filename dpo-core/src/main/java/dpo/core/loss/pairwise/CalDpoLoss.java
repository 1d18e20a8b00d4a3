package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Calibrated DPO: a logistic loss of the margin, and a squared loss of each log-ratio with its own target.
 *
 * <pre>  ℓ = −log σ(Δ) + (s_w − 1/(2β))² + (s_l + 1/(2β))²,   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Xiao et al. 2024 (Cal-DPO, arXiv:2412.14516). β sets the targets and, unlike in DPO, does not scale the margin; the
 * squared terms are those of {@link SppoHardLoss}. The loss is log 2 + 1/(2β²) if policy and reference are equal. Value
 * and gradient are finite at all finite scores (as long as the squares do not overflow).
 *
 * @param beta β &gt; 0; the targets are ±1/(2β)
 */
@Published(
        type = "cal_dpo",
        formula = "-log σ(Δ) + (s_w - 1/(2β))² + (s_l + 1/(2β))²",
        paper = "arXiv:2412.14516 (Cal-DPO)",
        atInitialisation = "log 2 + 1/(2β²); 50.6931 at β = 0.1")
public record CalDpoLoss(
        @Setting(about = "β > 0: the targets are ±1/(2β)", byDefault = "0.1")
        double beta) implements PairwiseLoss {

    public CalDpoLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public PairTerm pair(Pair pair) {
        PairTerm calibration = new SppoHardLoss(beta).pair(pair);
        double slope = sigmoid(-pair.margin());
        return new PairTerm(
                calibration.value() - logSigmoid(pair.margin()),
                calibration.chosenSlope() - slope,
                calibration.rejectedSlope() + slope);
    }
}
