package dpo.core.loss;

import dpo.core.logprob.TokenStatistic;
import java.util.Optional;

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
    /** The token statistic of this name. */
    LOG_SUM_SQUARED_PROBS(TokenStatistic.LOG_SUM_SQUARED_PROBS),
    /** The token statistic of this name: the reference itself beside its log-probabilities. */
    REFERENCE_KL(TokenStatistic.REFERENCE_KL);

    private final Optional<TokenStatistic> statistic;

    Need() {
        this.statistic = Optional.empty();
    }

    Need(TokenStatistic statistic) {
        this.statistic = Optional.of(statistic);
    }

    /** The token statistic that is needed, where it is one. */
    public Optional<TokenStatistic> statistic() {
        return statistic;
    }
}
