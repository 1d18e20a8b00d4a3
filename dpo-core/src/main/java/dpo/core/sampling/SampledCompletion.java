package dpo.core.sampling;

import java.util.List;

/**
 * A completion that was sampled after a prompt.
 *
 * @param ids its tokens, at least one; an end token is the last of them
 * @param logProbs log π of each token given all tokens before it, nats, at temperature 1 without top-p truncation:
 *     equal to {@code Policy.logProbs} of the whole sequence
 * @param end why sampling stopped
 */
public record SampledCompletion(List<Integer> ids, List<Double> logProbs, End end) {

    /** Why sampling stopped. */
    public enum End {
        /** An end token was drawn. */
        END_TOKEN,
        /** The completion has {@link Sampling#maxNewTokens} tokens. */
        MAX_NEW_TOKENS,
        /** The model has no further position. */
        MAX_LENGTH
    }

    public SampledCompletion {
        ids = List.copyOf(ids);
        logProbs = List.copyOf(logProbs);
        if (ids.isEmpty() || ids.size() != logProbs.size()) {
            throw new IllegalArgumentException("ids and log-probs must have the same"
                    + " length, at least 1, got " + ids.size()
                    + " and " + logProbs.size());
        }
    }
}
