package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;

/**
 * A preference objective over multi-turn completions, in which the log-ratio of each assistant turn has a weight:
 *
 * <pre>  s = Σ_t w_t Σ_(i in turn t) (log πθ(y_i) − log π_ref(y_i))</pre>
 *
 * With all weights 1 this is the multi-turn DPO objective. The inner objective receives token log-probabilities times
 * the weight of their turn. Turns of weight 0 are removed and do not count in means over the tokens of a completion.
 * Token statistics are weighted in the same way. (The {@link Normalizer} still counts all tokens of the step, and the
 * KL estimate of KTO uses all tokens of the mismatched completions with weight 1.)
 *
 * @param loss the inner objective
 * @param turns weight of each turn
 */
@Published(
        type = "turns",
        formula = "s = Σ_t w_t s_t over assistant turns: all, last, discount, given weights",
        paper = "multi-turn DPO",
        atInitialisation = "the value of the inner objective")
public record TurnWeighted(PreferenceLoss loss, TurnWeights turns) implements Modifier {

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        TokenWeights weights = TokenWeights.of(logProbs.policy().shape(), turns);
        return loss.evaluate(weights.apply(logProbs), normalizer).mapGradients(weights::pullBack);
    }

    @Override
    public double[] rewards(PreferenceLogProbs logProbs) {
        return loss.rewards(TokenWeights.of(logProbs.policy().shape(), turns).apply(logProbs));
    }
}
