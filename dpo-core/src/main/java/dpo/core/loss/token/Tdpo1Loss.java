package dpo.core.loss.token;

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
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Token-level DPO, first form: a preference model of summed token advantages, with the forward KL divergence along each
 * completion.
 *
 * <pre>
 *  ℓ = −log σ(β [Δ − (D_l − D_w)]),   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)
 *  D = Σ_t KL(π_ref(·|x, y_&lt;t) ‖ πθ(·|x, y_&lt;t)),   over the scored tokens of a completion
 * </pre>
 *
 * Zeng et al. 2024 (TDPO₁, arXiv:2404.11999). Both divergences have a gradient: that of D_w moves the policy away from
 * the reference along the chosen completion. The loss is log 2 if policy and reference are equal. Value and gradient
 * are finite at all finite log-ratios and divergences.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 */
@Published(
        type = "tdpo1",
        formula = "-log σ(β [Δ - (D_l - D_w)]), D = Σ_t KL(π_ref || πθ)",
        paper = "arXiv:2404.11999 (TDPO, first form)",
        atInitialisation = "log 2 = 0.6931")
public record Tdpo1Loss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta) implements PreferenceLoss {

    public Tdpo1Loss {
        Requirement.positive("beta", beta);
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        return new SequentialKl(beta, 1, true).evaluate(logProbs, normalizer);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.REFERENCE_KL);
    }

    @Override
    public void requireUsable(Label label) {
        label.requirePair();
    }

    /** {@code β (s + D)}. */
    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        return new SequentialKl(beta, 1, true).rewards(logProbs);
    }

    /** σ of the margin of rewards: Bradley and Terry's model. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
