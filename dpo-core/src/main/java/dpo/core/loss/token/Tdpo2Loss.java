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
 * Token-level DPO, second form: the divergence along the chosen completion has no gradient, and the correction is
 * weighted.
 *
 * <pre>
 *  ℓ = −log σ(β [Δ − α (D_l − sg(D_w))]),   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)
 *  D = Σ_t KL(π_ref(·|x, y_&lt;t) ‖ πθ(·|x, y_&lt;t)),   over the scored tokens of a completion
 * </pre>
 *
 * Zeng et al. 2024 (TDPO₂, arXiv:2404.11999). sg (stop gradient) makes its argument a constant in the derivative, so
 * that the policy is not moved away from the reference along the chosen completion, as it is in {@link Tdpo1Loss}. At α
 * = 0 it is DPO; at α = 1 it has the value of the first form, but another gradient. The loss is log 2 if policy and
 * reference are equal. Value and gradient are finite at all finite log-ratios and divergences.
 *
 * <p>Differences from other code: the authors report the rewards {@code β (s + D)} for every α; here they are {@code β
 * (s + α D)}, whose margin is the one in the loss.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param alpha α ≥ 0, weight of the difference of divergences; 0.5 in the authors' code
 */
@Published(
        type = "tdpo2",
        formula = "-log σ(β [Δ - α (D_l - sg(D_w))]), D = Σ_t KL(π_ref || πθ)",
        paper = "arXiv:2404.11999 (TDPO, second form)",
        atInitialisation = "log 2 = 0.6931")
public record Tdpo2Loss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "α >= 0: weight of the difference of divergences", byDefault = "0.5")
        double alpha)
        implements PreferenceLoss {

    public Tdpo2Loss {
        Requirement.positive("beta", beta);
        Requirement.notNegative("alpha", alpha);
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        return new SequentialKl(beta, alpha, false).evaluate(logProbs, normalizer);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.REFERENCE_KL);
    }

    @Override
    public void requireUsable(Label label) {
        label.requirePair();
    }

    /** {@code β (s + α D)}. */
    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        return new SequentialKl(beta, alpha, false).rewards(logProbs);
    }

    /** σ of the margin of rewards: Bradley and Terry's model. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
