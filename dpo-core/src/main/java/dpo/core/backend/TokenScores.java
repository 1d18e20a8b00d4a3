package dpo.core.backend;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a policy says of the scored tokens.
 *
 * @param logProbs log-probabilities, a row a sequence
 * @param statistics further numbers of the next-token distributions, in the same shape
 */
public record TokenScores(TokenLogProbs logProbs, Map<TokenStatistic, TokenLogProbs> statistics) {

    public TokenScores {
        statistics = Collections.unmodifiableMap(new TreeMap<>(statistics));
    }
}
