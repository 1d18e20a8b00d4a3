package dpo.core.loss;

/** How the token log-ratios of a completion become its score. */
public enum Reduction {
    /** {@code s = Σ_t (log πθ − log π_ref)}: the log-ratio of the whole completion. */
    SUM,
    /** {@code s = (1/L) Σ_t (log πθ − log π_ref)}: per token; an empty completion has L = 1. */
    MEAN;

    /** The factor of each token for a completion of the given number of tokens. */
    public double tokenFactor(int tokens) {
        return this == SUM ? 1.0 : 1.0 / Math.max(1, tokens);
    }
}
