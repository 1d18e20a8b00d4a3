package dpo.core.loss.batch;

import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.Set;

/**
 * Kahneman–Tversky optimisation: the value of desirable and undesirable completions relative to a KL reference point.
 *
 * <pre>
 *  ℓ = λ_D (1 − σ(β(s − z)))   desirable
 *  ℓ = λ_U (1 − σ(β(z − s)))   undesirable
 *  s = Σ_t (log πθ − log π_ref),   z = max(0, mean of s(x, y′) over the step),   y′ a completion of another prompt
 * </pre>
 *
 * Ethayarajh et al. 2024 (KTO, arXiv:2402.01306). The mean is over completions; a pair counts as one of each kind, in
 * the loss and in z. z is constant in the derivative, as in the paper, and does not depend on weights. The loss is λ/2
 * if policy and reference are equal. It lies between 0 and λ, and its slope vanishes at both ends.
 *
 * <p>z estimates KL(πθ ‖ π_ref), mean over prompts. The estimate is biased in two ways, also in the paper. First, y′
 * comes from the data and not from πθ, which makes z too small: for y′ drawn from π_ref the mean of s(x, y′) is
 * −KL(π_ref ‖ πθ), never above 0. Second, the maximum with 0 makes it too large if the mean over a step scatters around
 * 0; this bias is larger for smaller steps.
 *
 * <p>Differences from other code: TRL and HALOs take z over a micro-batch, whose completions they shift by one against
 * its prompts, so that their value depends on the split; here z is of the whole optimizer step. There, y′ is a
 * completion of the neighbour in the batch. In training here it is a completion of the neighbour in the data set, so
 * that its reference log-probabilities are computed once, and always one of another prompt.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 * @param desirableWeight λ_D ≥ 0
 * @param undesirableWeight λ_U ≥ 0
 */
@Published(
        type = "kto",
        formula = "λ_D (1 - σ(β(s - z))) desirable, λ_U (1 - σ(β(z - s))) undesirable, z = max(0, KL estimate)",
        paper = "arXiv:2402.01306 (KTO)",
        atInitialisation = "λ/2")
public record KtoLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta,

        @Setting(about = "λ_D >= 0: weight of desirable completions", byDefault = "1.0")
        double desirableWeight,

        @Setting(about = "λ_U >= 0: weight of undesirable completions", byDefault = "1.0")
        double undesirableWeight)
        implements PreferenceLoss {

    public KtoLoss {
        Requirement.positive("beta", beta);
        Requirement.notNegative("desirable_weight", desirableWeight);
        Requirement.notNegative("undesirable_weight", undesirableWeight);
    }

    /** @throws IllegalArgumentException if the log-ratios of mismatched prompts are not given */
    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        double z = logProbs.mismatched().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow(() -> new IllegalArgumentException(
                        "mismatched must hold one log-ratio per completion for kto, got none"));
        return evaluate(logProbs, normalizer, Math.max(0, z));
    }

    /** The loss for a given reference point z. */
    LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer, double z) {
        return LabelledCompletions.mean(logProbs, normalizer, (desirable, logRatio) -> {
            double sign = desirable ? 1 : -1;
            double weight = desirable ? desirableWeight : undesirableWeight;
            double gain = sign * beta * (logRatio - z);
            return new LabelledCompletions.Term(
                    weight * sigmoid(-gain), -sign * weight * beta * sigmoid(gain) * sigmoid(-gain));
        });
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.WHOLE_STEP, Need.MISMATCHED);
    }

    @Override
    public void requireUsable(Label label) {
        LabelledCompletions.requireUsable(label);
    }
}
