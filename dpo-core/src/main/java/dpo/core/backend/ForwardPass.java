package dpo.core.backend;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import java.util.Map;

/**
 * One evaluation of a policy on a micro-batch, open for back-propagation until closed.
 */
public interface ForwardPass extends AutoCloseable {

    /** Log-probabilities of the scored tokens, a row a sequence, shaped by its turns. */
    TokenLogProbs logProbs();

    /** The statistics that were asked for, in the shape of {@link #logProbs()}. */
    default Map<TokenStatistic, TokenLogProbs> statistics() {
        return Map.of();
    }

    /**
     * Adds the vector-Jacobian product {@code Σ_i g_i ∂log πθ(y_i)/∂θ} to the gradient of the parameters. At most once.
     *
     * @param gradient g, the loss's gradient with respect to {@link #logProbs()}, of the same shape
     */
    void backward(TokenGradient gradient);

    /**
     * As {@link #backward(TokenGradient)}, with {@code Σ_k Σ_i g_ki ∂(statistic k of token i)/∂θ} added. Instead of
     * it, and at most once too.
     *
     * @param gradient g, the loss's gradient with respect to {@link #logProbs()}
     * @param ofStatistics the loss's gradient with respect to some of the {@link #statistics()}, of the same shape
     * @throws IllegalArgumentException where the pass has no gradient of such a statistic
     */
    default void backward(TokenGradient gradient, Map<TokenStatistic, TokenGradient> ofStatistics) {
        if (!ofStatistics.isEmpty()) {
            throw new IllegalArgumentException(
                    "gradient must be of statistics that this engine differentiates (none), got "
                            + ofStatistics.keySet());
        }
        backward(gradient);
    }

    /** Frees what was kept for the gradient. */
    @Override
    void close();
}
