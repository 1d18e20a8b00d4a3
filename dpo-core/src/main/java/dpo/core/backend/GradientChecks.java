package dpo.core.backend;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks of the arguments of {@link ForwardPass#backward(TokenGradient, Map)}. */
public final class GradientChecks {

    private GradientChecks() {}

    /**
     * Requires gradients in the shape of the log-probs, and only of statistics that the backend differentiates.
     *
     * @param shape of the log-probs
     * @param differentiated statistics that the backend differentiates
     * @throws IllegalArgumentException if one of these conditions does not hold
     */
    public static void require(
            TokenShape shape,
            TokenGradient gradient,
            Map<TokenStatistic, TokenGradient> ofStatistics,
            Set<TokenStatistic> differentiated) {
        if (!differentiated.containsAll(ofStatistics.keySet())) {
            String names = differentiated.stream().map(Enum::name).sorted().collect(Collectors.joining(", "));
            throw new IllegalArgumentException("gradient must be of statistics that this backend differentiates ("
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
