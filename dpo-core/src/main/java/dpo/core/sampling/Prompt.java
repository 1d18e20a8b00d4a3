package dpo.core.sampling;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a policy is to continue. The continuation is a function of these ids and of the numbers of this stream alone, so
 * it does not matter which prompts are continued together; no two prompts may share a stream.
 *
 * @param ids token ids, at least one, each at least 0
 * @param random source of one uniform number a token; none is taken at temperature 0
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
     * Requires that a model can read the prompt and continue it by at least one token.
     *
     * @param vocabularySize of the model
     * @param maxLength of the model
     * @param row where it stands among others, for the message
     * @throws IllegalArgumentException where it cannot
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
