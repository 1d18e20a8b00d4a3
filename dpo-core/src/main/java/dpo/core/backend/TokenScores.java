package dpo.core.backend;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Log-probabilities and statistics of the scored tokens under a policy.
 *
 * @param logProbs log-probabilities, one row per sequence
 * @param statistics statistics of the next-token distributions, in the same shape
 */
public record TokenScores(TokenLogProbs logProbs, Map<TokenStatistic, TokenLogProbs> statistics) {

    public TokenScores {
        statistics = Collections.unmodifiableMap(new TreeMap<>(statistics));
    }
}
