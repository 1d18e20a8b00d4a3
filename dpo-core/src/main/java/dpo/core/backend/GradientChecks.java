package dpo.core.backend;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What must hold of the gradients that an engine is handed by {@link ForwardPass#backward(TokenGradient, Map)}. */
public final class GradientChecks {

    private GradientChecks() {}

    /**
     * Requires gradients of the shape of the log-probs, and of no other statistics than an engine differentiates.
     *
     * @param shape of the log-probs
     * @param differentiated statistics that the engine has a gradient of
     * @throws IllegalArgumentException where one does not hold
     */
    public static void require(
            TokenShape shape,
            TokenGradient gradient,
            Map<TokenStatistic, TokenGradient> ofStatistics,
            Set<TokenStatistic> differentiated) {
        if (!differentiated.containsAll(ofStatistics.keySet())) {
            String names = differentiated.stream().map(Enum::name).sorted().collect(Collectors.joining(", "));
            throw new IllegalArgumentException("gradient must be of statistics that this engine differentiates ("
                    + names + "), got " + ofStatistics.keySet());
        }
        requireShape(shape, gradient);
        ofStatistics.values().forEach(each -> requireShape(shape, each));
    }

    private static void requireShape(TokenShape shape, TokenGradient gradient) {
        if (!gradient.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "gradient must have the shape of the log-probs, " + shape + ", got " + gradient.shape());
        }
    }
}
