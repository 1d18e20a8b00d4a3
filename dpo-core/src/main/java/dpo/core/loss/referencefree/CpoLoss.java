package dpo.core.loss.referencefree;

import dpo.core.loss.Baseline;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Contrastive preference optimisation: DPO with a uniform reference, and the likelihood of the chosen completion.
 *
 * <pre>  ℓ = −(1−ε) log σ(β (l_w − l_l)) − ε log σ(−β (l_w − l_l)) − α l_w,   l = Σ_t log πθ(y_t)</pre>
 *
 * Xu et al. 2024 (CPO, arXiv:2401.08417), where α = 1 and ε = 0. It uses no reference. Value and gradient are finite at
 * all finite log-probabilities.
 *
 * <p>Differences from other code: the second term is the negative log-likelihood of the whole completion, as in the
 * paper; TRL's is a mean over the tokens of the micro-batch.
 *
 * @param beta β &gt; 0, scale of the margin
 * @param labelSmoothing ε in [0, 0.5), probability that a label is flipped
 * @param nllWeight α ≥ 0, weight of the negative log-likelihood; TRL's {@code cpo_alpha}
 */
@Published(
        type = "cpo",
        formula = "-(1-ε) log σ(βΔ) - ε log σ(-βΔ) - α l_w, Δ = l_w - l_l, l = log πθ of a completion",
        paper = "arXiv:2401.08417 (CPO)",
        atInitialisation = "log(1 + exp(-βΔ)) - α l_w at ε = 0; no reference")
public record CpoLoss(
        @Setting(about = "β > 0: scale of the margin", byDefault = "0.1")
        double beta,

        @Setting(about = "ε in [0, 0.5): probability that a label is flipped", byDefault = "0.0")
        double labelSmoothing,

        @Setting(about = "α >= 0: weight of the NLL of the chosen completion", byDefault = "1.0")
        double nllWeight)
        implements PairwiseLoss {

    public CpoLoss {
        Requirement.positive("beta", beta);
        Requirement.within("label_smoothing", labelSmoothing, 0, 0.5);
        Requirement.notNegative("nll_weight", nllWeight);
    }

    @Override
    public Baseline baseline() {
        return Baseline.NONE;
    }

    @Override
    public PairTerm pair(Pair pair) {
        PairTerm preference = new SigmoidLoss(beta, labelSmoothing).pair(pair);
        return new PairTerm(
                preference.value() - nllWeight * pair.chosen(),
                preference.chosenSlope() - nllWeight,
                preference.rejectedSlope());
    }

    /** The probability of the preference term, a {@link SigmoidLoss}. */
    @Override
    public OptionalDouble probability(double margin) {
        return new SigmoidLoss(beta, labelSmoothing).probability(margin);
    }
}
