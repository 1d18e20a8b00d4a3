package dpo.core.loss;

/** What the log-probability of a completion under the policy is compared with. */
public enum Baseline {
    /** The reference: the score is {@code Σ_t (log πθ − log π_ref)}. */
    REFERENCE,
    /** Nothing: the score is {@code Σ_t log πθ}; reference-free objectives. */
    NONE
}
