package dpo.core.loss;

import dpo.core.logprob.TokenStatistic;
import java.util.Optional;

/** Requirements of an objective beyond the log-probabilities of the preferences of a micro-batch. */
public enum Need {
    /**
     * All preferences of an optimizer step in one evaluation, because the loss of one depends on the others.
     */
    WHOLE_STEP,
    /** Weights of 1, because a term depends on several preferences and cannot have the weight of one of them. */
    EQUAL_WEIGHTS,
    /** The log-probability of every single token; sums over turns are not enough. */
    SINGLE_TOKENS,
    /** Log-ratios of prompts with the completion of another prompt. */
    MISMATCHED,
    /** The token statistic of this name. */
    LOG_SUM_SQUARED_PROBS(TokenStatistic.LOG_SUM_SQUARED_PROBS),
    /** The token statistic of this name. It needs the reference model, not only its stored log-probabilities. */
    REFERENCE_KL(TokenStatistic.REFERENCE_KL);

    private final Optional<TokenStatistic> statistic;

    Need() {
        this.statistic = Optional.empty();
    }

    Need(TokenStatistic statistic) {
        this.statistic = Optional.of(statistic);
    }

    /** The token statistic, if the requirement is one. */
    public Optional<TokenStatistic> statistic() {
        return statistic;
    }
}
