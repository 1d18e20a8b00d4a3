package dpo.core.loss.listwise;

import dpo.core.loss.Baseline;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Rank responses to align with human feedback: a hinge on every pair that the policy orders wrongly, and the likelihood
 * of the best completion; without a reference.
 *
 * <pre>
 *  ℓ = Σ_{r_i &gt; r_k} max(0, p_k − p_i) − α Σ_t log πθ(y_t of the best),   p = (1/L) Σ_t log πθ(y_t)
 * </pre>
 *
 * Yuan et al. 2023 (RRHF, arXiv:2304.05302, where α = 1). Where the data have ratings r, completions that are rated the
 * same are not compared; where they have none, their order counts. The hinge has slope 0 at its kink; its slope is
 * constant beyond, so that value and gradient are finite at all finite log-probabilities.
 *
 * <p>Differences from other code: the paper's code multiplies the hinges by 100 and takes the mean of the second term
 * over tokens.
 *
 * @param nllWeight α ≥ 0, weight of the negative log-likelihood of the best completion
 */
@Published(
        type = "rrhf",
        formula = "Σ max(0, p_worse - p_better) over pairs - α log πθ(y_best), p = mean of log πθ over tokens",
        paper = "arXiv:2304.05302 (RRHF)",
        atInitialisation = "the loss of the reference's log-probabilities")
public record RrhfLoss(
        @Setting(about = "α >= 0: weight of the NLL of the best completion", byDefault = "1.0")
        double nllWeight) implements ListwiseLoss {

    public RrhfLoss {
        Requirement.notNegative("nll_weight", nllWeight);
    }

    @Override
    public Reduction reduction() {
        return Reduction.MEAN;
    }

    @Override
    public Baseline baseline() {
        return Baseline.NONE;
    }

    @Override
    public ListTerm list(RankedList list) {
        double[] scores = list.scores();
        double[] slopes = new double[list.size()];
        slopes[0] = -nllWeight * list.tokens()[0];
        double value = slopes[0] * scores[0];
        for (int i = 0; i < list.size(); i++) {
            for (int k = i + 1; k < list.size(); k++) {
                double excess = list.isBetter(i, k) ? scores[k] - scores[i] : 0;
                value += Math.max(0, excess);
                slopes[i] -= excess > 0 ? 1 : 0;
                slopes[k] += excess > 0 ? 1 : 0;
            }
        }
        return new ListTerm(value, slopes);
    }
}
