package dpo.core.logprob;

import java.util.Locale;

/** A statistic of the next-token distribution at each scored token, for objectives that need more than log-probs. */
public enum TokenStatistic {
    /** {@code log Σ_v πθ(v)²}: log-probability that two tokens drawn from the policy are the same; nats, at most 0. */
    LOG_SUM_SQUARED_PROBS,
    /**
     * {@code KL(π_ref ‖ πθ) = Σ_v π_ref(v) (log π_ref(v) − log πθ(v))}: forward KL divergence of the next-token
     * distributions; nats, at least 0 up to rounding.
     */
    REFERENCE_KL;

    /** Its name in files. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
