package dpo.core.loss.referencefree;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.stream.IntStream;

/**
 * Unlikelihood training: the likelihood of the chosen completion, and the unlikelihood of each token of the rejected one.
 *
 * <pre>  ℓ = −Σ_t log πθ(y_w,t) − α Σ_t log(1 − πθ(y_l,t))</pre>
 *
 * Welleck et al. 2019 (arXiv:1908.04319, eq. 4), with the tokens of the rejected completion as negative candidates, each
 * in its own context; the DPO paper has it as a baseline (arXiv:2305.18290, section 6). It uses no reference. The
 * distance of a token's probability to 1 is limited to e^−80 from below: at πθ = 1 a rejected token has the value 80 α
 * and the slope α e^80. A rejected token that is also in the chosen completion, after the same tokens, has both terms.
 *
 * @param alpha α ≥ 0, weight of the unlikelihood
 */
@Published(
        type = "unlikelihood",
        formula = "-log πθ(y_w) - α Σ_t log(1 - πθ(y_l,t))",
        paper = "arXiv:1908.04319, eq. 4",
        atInitialisation = "the NLL of y_w under the reference, and α times the unlikelihood of y_l; no reference")
public record UnlikelihoodLoss(
        @Setting(about = "α >= 0: weight of the unlikelihood of rejected tokens", byDefault = "1.0")
        double alpha) implements PreferenceLoss {

    public UnlikelihoodLoss {
        Requirement.notNegative("alpha", alpha);
    }

    @Override
    public void requireUsable(Label label) {
        label.requirePair();
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        TokenLogProbs policy = logProbs.policy();
        double[] slopes = new double[policy.shape().tokens()];
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            requireUsable(label);
            double share = label.weight() / normalizer.preferences();
            int chosen = logProbs.first(j);
            for (int i = policy.shape().start(chosen); i < policy.shape().end(chosen); i++) {
                slopes[i] = -share;
            }
            double unlikelihood = 0;
            for (int i = policy.shape().start(chosen + 1); i < policy.shape().end(chosen + 1); i++) {
                unlikelihood -= LogSpace.logOfComplement(policy.at(i));
                slopes[i] = -share * alpha * LogSpace.logOfComplementSlope(policy.at(i));
            }
            value += share * (alpha * unlikelihood - policy.sum(chosen));
        }
        return new LossEvaluation(value, TokenGradient.of(policy.shape(), slopes));
    }

    @Override
    public boolean usesReference() {
        return false;
    }

    /** The log-likelihood of each completion. */
    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        TokenLogProbs policy = logProbs.policy();
        return IntStream.range(0, policy.rows()).mapToDouble(policy::sum).toArray();
    }
}
