package dpo.core.loss;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenStatistic;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The value of an objective and its gradient with respect to the policy's token log-probabilities.
 *
 * @param value the loss, nats, minimised
 * @param gradient ∂value/∂(policy log-probability of each token), {@code [row][token]}, in the rows of the
 *     log-probabilities that were evaluated
 * @param statisticGradients ∂value/∂(statistic of each token), of the same shape, for each statistic through which a
 *     gradient goes; empty for most
 * @param terms value of each named term of a composed objective, unweighted, by name; empty for a simple one
 * @param carried numbers that the objective takes along to the next optimizer step, by name; empty for most
 */
public record LossEvaluation(
        double value,
        TokenGradient gradient,
        Map<TokenStatistic, TokenGradient> statisticGradients,
        Map<String, Double> terms,
        Map<String, Double> carried) {

    public LossEvaluation {
        statisticGradients = Collections.unmodifiableMap(new TreeMap<>(statisticGradients));
        terms = Collections.unmodifiableMap(new TreeMap<>(terms));
        carried = Collections.unmodifiableMap(new TreeMap<>(carried));
    }

    /** The evaluation of an objective of log-probabilities alone, without named terms, that carries nothing. */
    public LossEvaluation(double value, TokenGradient gradient) {
        this(value, gradient, Map.of(), Map.of(), Map.of());
    }

    /** The same with something else made of every gradient: the part of some rows, say. */
    public LossEvaluation mapGradients(UnaryOperator<TokenGradient> map) {
        Map<TokenStatistic, TokenGradient> ofStatistics = new TreeMap<>(statisticGradients);
        ofStatistics.replaceAll((statistic, inner) -> map.apply(inner));
        return new LossEvaluation(value, map.apply(gradient), ofStatistics, terms, carried);
    }
}
