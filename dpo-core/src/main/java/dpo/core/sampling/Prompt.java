package dpo.core.sampling;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A prompt with the random stream of its completion. The completion depends only on these ids and this stream, not on
 * the other prompts of a call. Two prompts must not share a stream.
 *
 * @param ids token ids, at least one, each at least 0
 * @param random gives one uniform number per token, and none at temperature 0
 */
public record Prompt(List<Integer> ids, RandomGenerator random) {

    public Prompt {
        ids = List.copyOf(ids);
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("prompt must hold at least one token, got none");
        }
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i) < 0) {
                throw new IllegalArgumentException(
                        "token id must be at least 0, got " + ids.get(i) + " (position " + i + ")");
            }
        }
    }

    /**
     * Requires a prompt that leaves a model at least one position for a completion.
     *
     * @param vocabularySize of the model
     * @param maxLength of the model
     * @param row index of the prompt, for the message
     * @throws IllegalArgumentException if the prompt is too long or has an id outside the vocabulary
     */
    public void requireWithin(int vocabularySize, int maxLength, int row) {
        if (ids.size() >= maxLength) {
            throw new IllegalArgumentException("prompt must have fewer than " + maxLength + " tokens, got " + ids.size()
                    + " (prompt " + row + ")");
        }
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i) >= vocabularySize) {
                throw new IllegalArgumentException("token id must be below " + vocabularySize + ", got " + ids.get(i)
                        + " (prompt " + row + ", position " + i + ")");
            }
        }
    }
}
