package dpo.core.loss;

/** What an objective must be given beyond the log-probabilities of the preferences of a micro-batch. */
public enum Need {
    /**
     * All preferences of an optimizer step at once: the loss of one depends on the others, so that it must not be
     * evaluated on a part of the step.
     */
    WHOLE_STEP,
    /** Weights of 1: its terms belong to no single preference that a weight could be given to. */
    EQUAL_WEIGHTS,
    /** The log-probability of every single token: sums over turns do not do. */
    SINGLE_TOKENS,
    /** Log-ratios of prompts with the completion of another prompt. */
    MISMATCHED,
    /** {@link dpo.core.logprob.TokenStatistic#LOG_SUM_SQUARED_PROBS}. */
    LOG_SUM_SQUARED_PROBS,
    /** {@link dpo.core.logprob.TokenStatistic#REFERENCE_KL}: the reference itself beside its log-probabilities. */
    REFERENCE_KL
}
