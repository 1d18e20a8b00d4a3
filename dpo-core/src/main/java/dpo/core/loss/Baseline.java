package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;

/** The baseline that is subtracted from the log-probability of a completion under the policy. */
public enum Baseline {
    /** The reference model: the score is {@code Σ_t (log πθ − log π_ref)}. */
    REFERENCE,
    /** No baseline: the score is {@code Σ_t log πθ}; for reference-free objectives. */
    NONE;

    /** The score of a row's completion, nats. */
    public double compare(PreferenceLogProbs logProbs, int row) {
        return this == REFERENCE ? logProbs.logRatio(row) : logProbs.policy().sum(row);
    }
}
