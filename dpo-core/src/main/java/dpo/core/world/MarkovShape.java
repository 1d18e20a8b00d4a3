package dpo.core.world;

import dpo.core.sequence.TokenSequence;
import dpo.core.setting.Requirement;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The states and transitions of position-dependent Markov chains over completions, and the layout of their tables.
 *
 * <p>A sequence is {@code [prompt, y_1, …, y_n]}: a prompt token in {@code [vocabulary, vocabulary + prompts)}, then
 * completion tokens in {@code [0, vocabulary)}. A completion ends with the token {@link #END}, or when it has
 * {@code length} tokens. A state is a position with the token before it: the prompt at the first position, a token
 * other than END at later ones. States are numbered, prompts first, then position by position. A table has
 * {@code vocabulary} numbers per state, at {@code state · vocabulary + token}.
 *
 * @param vocabulary number of completion tokens, END included, at least 2
 * @param length largest number of tokens of a completion, at least 1
 * @param prompts number of prompts, at least 1
 */
public record MarkovShape(int vocabulary, int length, int prompts) {

    /** The completion token that ends a completion. */
    public static final int END = 0;

    /** The value of {@link #next} after the end of a completion. */
    public static final int OVER = -1;

    public MarkovShape {
        Requirement.atLeast("vocabulary", vocabulary, 2);
        Requirement.atLeast("length", length, 1);
        Requirement.atLeast("prompts", prompts, 1);
        double entries = (prompts + (length - 1.0) * (vocabulary - 1.0)) * vocabulary;
        Requirement.holds(
                entries <= Integer.MAX_VALUE,
                "vocabulary",
                "must give, with length and prompts, a table of at most " + Integer.MAX_VALUE + " entries",
                entries,
                "length",
                "prompts");
    }

    /** The token of a prompt, counted from 0. */
    public int promptToken(int prompt) {
        return vocabulary + prompt;
    }

    /** Number of states. The first {@link #prompts} states are the prompts, in order. */
    public int states() {
        return prompts + (length - 1) * (vocabulary - 1);
    }

    /** Number of entries of a table. */
    public int entries() {
        return states() * vocabulary;
    }

    /**
     * The state after a token; its number is higher.
     *
     * @param state state before the token
     * @param token completion token
     * @return the next state, or {@link #OVER}
     */
    public int next(int state, int token) {
        int position = state < prompts ? 0 : 1 + (state - prompts) / (vocabulary - 1);
        if (token == END || position == length - 1) {
            return OVER;
        }
        return prompts + position * (vocabulary - 1) + token - 1;
    }

    /** The table entries of a sequence {@code [prompt, y_1, …, y_n]} of this shape, one per completion token. */
    public IntStream entries(TokenSequence sequence) {
        int[] entries = new int[sequence.length() - 1];
        int state = sequence.id(0) - vocabulary;
        for (int i = 0; i < entries.length; i++) {
            int token = sequence.id(i + 1);
            entries[i] = state * vocabulary + token;
            state = next(state, token);
        }
        return Arrays.stream(entries);
    }
}
