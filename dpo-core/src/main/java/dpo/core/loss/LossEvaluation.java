package dpo.core.loss;

import dpo.core.logprob.TokenGradient;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The value of an objective and its gradient with respect to the policy's token log-probabilities.
 *
 * @param value the loss, nats, minimised
 * @param chosen ∂value/∂(policy log-probability of each chosen token), {@code [pair][token]}
 * @param rejected likewise for the rejected tokens
 * @param terms value of each named term of a composed objective, unweighted; empty for a simple one
 */
public record LossEvaluation(double value, TokenGradient chosen, TokenGradient rejected, Map<String, Double> terms) {

    public LossEvaluation {
        terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    }

    /** The evaluation of an objective without named terms. */
    public LossEvaluation(double value, TokenGradient chosen, TokenGradient rejected) {
        this(value, chosen, rejected, Map.of());
    }

    /** The gradient in the row order of {@link dpo.core.sequence.PreferenceBatch#sequences()}. */
    public TokenGradient gradient() {
        return chosen.then(rejected);
    }
}
