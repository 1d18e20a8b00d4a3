package dpo.core.sampling;

import java.util.List;

/**
 * What was drawn after a prompt.
 *
 * @param ids its tokens, at least one; an end token is the last of them
 * @param logProbs log π of each token given all before it, nats: of the policy as it is, whatever temperature and cut
 *     the token was drawn at, so what {@code Policy.logProbs} gives of the whole sequence
 * @param end why it is no longer
 */
public record Continuation(List<Integer> ids, List<Double> logProbs, End end) {

    /** Why a continuation stops. */
    public enum End {
        /** With an end token. */
        END_TOKEN,
        /** At {@link Sampling#maxNewTokens}. */
        MAX_NEW_TOKENS,
        /** The model has no further position. */
        MAX_LENGTH
    }

    public Continuation {
        ids = List.copyOf(ids);
        logProbs = List.copyOf(logProbs);
        if (ids.isEmpty() || ids.size() != logProbs.size()) {
            throw new IllegalArgumentException("ids and log-probs must be as many, and at least one, got " + ids.size()
                    + " and " + logProbs.size());
        }
    }
}
