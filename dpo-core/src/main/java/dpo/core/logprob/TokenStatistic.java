package dpo.core.logprob;

/** A number of the whole next-token distribution at each scored token, for objectives that need more than log-probs. */
public enum TokenStatistic {
    /** {@code log Σ_v πθ(v)²}: log-probability that two tokens drawn from the policy are the same; nats, at most 0. */
    LOG_SUM_SQUARED_PROBS
}
