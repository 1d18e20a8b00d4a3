package dpo.core.backend;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import java.util.Map;

/**
 * The forward pass of a policy on a micro-batch. Back-propagation is possible until it is closed.
 */
public interface ForwardPass extends AutoCloseable {

    /** Log-probabilities of the scored tokens, one row per sequence, in the shape of its turns. */
    TokenLogProbs logProbs();

    /** The requested statistics, in the shape of {@link #logProbs()}. */
    default Map<TokenStatistic, TokenLogProbs> statistics() {
        return Map.of();
    }

    /**
     * Adds the vector-Jacobian product {@code Σ_i g_i ∂log πθ(y_i)/∂θ} to the gradient of the parameters. One call per
     * pass.
     *
     * @param gradient g, the loss's gradient with respect to {@link #logProbs()}, of the same shape
     */
    void backward(TokenGradient gradient);

    /**
     * Does the same as {@link #backward(TokenGradient)} and adds {@code Σ_k Σ_i g_ki ∂(statistic k of token i)/∂θ}. One
     * call per pass, to one of the two methods.
     *
     * @param gradient g, the loss's gradient with respect to {@link #logProbs()}
     * @param ofStatistics the loss's gradient with respect to some of the {@link #statistics()}, of the same shape
     * @throws IllegalArgumentException if this backend does not differentiate one of the statistics
     */
    default void backward(TokenGradient gradient, Map<TokenStatistic, TokenGradient> ofStatistics) {
        if (!ofStatistics.isEmpty()) {
            throw new IllegalArgumentException(
                    "gradient must be of statistics that this backend differentiates (none), got "
                            + ofStatistics.keySet());
        }
        backward(gradient);
    }

    /** Frees the saved activations. */
    @Override
    void close();
}
