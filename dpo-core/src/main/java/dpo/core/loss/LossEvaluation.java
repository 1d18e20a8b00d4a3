package dpo.core.loss;

import dpo.core.logprob.TokenGradient;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The value of an objective and its gradient with respect to the policy's token log-probabilities.
 *
 * @param value the loss, nats, minimised
 * @param gradient ∂value/∂(policy log-probability of each token), {@code [row][token]}, in the rows of the
 *     log-probabilities that were evaluated
 * @param terms value of each named term of a composed objective, unweighted; empty for a simple one
 * @param carried numbers that the objective takes along to the next optimizer step, by name; empty for most
 */
public record LossEvaluation(
        double value, TokenGradient gradient, Map<String, Double> terms, Map<String, Double> carried) {

    public LossEvaluation {
        terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
        carried = Collections.unmodifiableMap(new LinkedHashMap<>(carried));
    }

    /** The evaluation of an objective without named terms that carries nothing. */
    public LossEvaluation(double value, TokenGradient gradient) {
        this(value, gradient, Map.of(), Map.of());
    }

    /** The same with another gradient. */
    public LossEvaluation withGradient(TokenGradient other) {
        return new LossEvaluation(value, other, terms, carried);
    }
}
