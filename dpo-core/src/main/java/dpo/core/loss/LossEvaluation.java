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
 * @param gradient ∂value/∂(policy log-probability of each token), {@code [row][token]}, in the shape of the evaluated
 *     log-probabilities
 * @param statisticGradients ∂value/∂(statistic of each token), of the same shape, for each differentiated statistic;
 *     empty for most objectives
 * @param terms value of each named term of a composed objective, unweighted, by name; empty for a simple objective
 * @param carried state of the objective for the next optimizer step, by name; empty for most objectives
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

    /** The evaluation of an objective without statistics, named terms and state. */
    public LossEvaluation(double value, TokenGradient gradient) {
        this(value, gradient, Map.of(), Map.of(), Map.of());
    }

    /** The same evaluation with a function applied to every gradient, such as the selection of rows. */
    public LossEvaluation mapGradients(UnaryOperator<TokenGradient> map) {
        Map<TokenStatistic, TokenGradient> ofStatistics = new TreeMap<>(statisticGradients);
        ofStatistics.replaceAll((statistic, inner) -> map.apply(inner));
        return new LossEvaluation(value, map.apply(gradient), ofStatistics, terms, carried);
    }
}
