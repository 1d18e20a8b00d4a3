package dpo.core.loss.batch;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.ApoZeroLoss;
import dpo.core.sequence.Label;
import dpo.core.setting.Setting;

/**
 * Anchored preference optimisation of single completions: {@link KtoLoss} with the reference point 0.
 *
 * <pre>
 *  ℓ = λ_D (1 − σ(βs))   desirable
 *  ℓ = λ_U σ(βs)         undesirable,   s = Σ_t (log πθ − log π_ref)
 * </pre>
 *
 * D'Oosterlinck et al. 2024 (APO-zero without pairs, arXiv:2408.06266); TRL's {@code apo_zero_unpaired} of its KTO. The
 * mean is over completions; a pair counts as one of each kind, so that on pairs it is half of {@link ApoZeroLoss}. The
 * loss is λ/2 if policy and reference are equal. It lies between 0 and λ, and its slope vanishes at both ends.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 * @param desirableWeight λ_D ≥ 0
 * @param undesirableWeight λ_U ≥ 0
 */
@Published(
        type = "apo_zero_unpaired",
        formula = "λ_D (1 - σ(βs)) desirable, λ_U σ(βs) undesirable",
        paper = "arXiv:2408.06266 (APO-zero, unpaired); TRL apo_zero_unpaired",
        atInitialisation = "λ/2")
public record ApoZeroUnpairedLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta,

        @Setting(about = "λ_D >= 0: weight of desirable completions", byDefault = "1.0")
        double desirableWeight,

        @Setting(about = "λ_U >= 0: weight of undesirable completions", byDefault = "1.0")
        double undesirableWeight)
        implements PreferenceLoss {

    public ApoZeroUnpairedLoss {
        new KtoLoss(beta, desirableWeight, undesirableWeight);
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        return new KtoLoss(beta, desirableWeight, undesirableWeight).evaluate(logProbs, normalizer, 0);
    }

    @Override
    public void requireUsable(Label label) {
        LabelledCompletions.requireUsable(label);
    }
}
