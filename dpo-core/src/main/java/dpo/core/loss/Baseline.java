package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;

/** What the log-probability of a completion under the policy is compared with. */
public enum Baseline {
    /** The reference: the score is {@code Σ_t (log πθ − log π_ref)}. */
    REFERENCE,
    /** Nothing: the score is {@code Σ_t log πθ}; reference-free objectives. */
    NONE;

    /** The score of a row's completion, nats. */
    public double compare(PreferenceLogProbs logProbs, int row) {
        return this == REFERENCE ? logProbs.logRatio(row) : logProbs.policy().sum(row);
    }
}
