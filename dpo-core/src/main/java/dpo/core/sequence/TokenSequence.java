package dpo.core.sequence;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Token ids of a prompt and its completion, with the spans of scored ids, one span per assistant turn.
 *
 * <p>A policy gives each scored token {@code ids[i]} the log-probability {@code log π(ids[i] | ids[0..i))}. Tokens
 * outside the spans (prompt, user and tool turns, template headers between turns) are context only. Spans are
 * half-open, ascending and disjoint; the first scored token has at least one token before it, since there is no
 * log-probability of a token without context.
 *
 * <p>Instances do not share arrays with the caller, except {@link #over}.
 */
public final class TokenSequence {

    private final IntBuffer ids;
    private final List<Span> turns;
    private final int scoredTokens;

    /**
     * A scored range of token positions.
     *
     * @param start first position, inclusive
     * @param end last position, exclusive; {@code end > start}
     */
    public record Span(int start, int end) {

        public Span {
            if (start < 0 || end <= start) {
                throw new IllegalArgumentException("span must be 0 <= start < end, got [" + start + ", " + end + ")");
            }
        }

        /** Number of tokens in the span. */
        public int length() {
            return end - start;
        }
    }

    /**
     * A sequence with its scored turns.
     *
     * @param ids token ids, each at least 0
     * @param turns scored spans in ascending order, at least one
     * @throws IllegalArgumentException if ids are negative or spans are empty, overlap, or leave the sequence
     */
    public TokenSequence(int[] ids, List<Span> turns) {
        this(IntBuffer.wrap(ids.clone()), turns);
    }

    private TokenSequence(IntBuffer ids, List<Span> turns) {
        this.ids = ids;
        this.turns = List.copyOf(turns);
        int length = ids.limit();
        for (int i = 0; i < length; i++) {
            if (ids.get(i) < 0) {
                throw new IllegalArgumentException(
                        "token id must be at least 0, got " + ids.get(i) + " (position " + i + ")");
            }
        }
        if (this.turns.isEmpty()) {
            throw new IllegalArgumentException("turns must hold at least one scored span, got none");
        }
        int free = 1;
        int scored = 0;
        for (Span turn : this.turns) {
            if (turn.start() < free || turn.end() > length) {
                throw new IllegalArgumentException("turn must lie in [" + free + ", " + length + "), got ["
                        + turn.start() + ", " + turn.end() + ")");
            }
            free = turn.end();
            scored += turn.length();
        }
        this.scoredTokens = scored;
    }

    /**
     * A sequence whose ids are not copied, for those in a file that is mapped into memory.
     *
     * @param ids from position 0 to the limit; nobody changes them
     * @param turns as for {@link #TokenSequence}
     */
    public static TokenSequence over(IntBuffer ids, List<Span> turns) {
        return new TokenSequence(ids, turns);
    }

    /** A prompt followed by a completion of one turn: all of the completion is scored. */
    public static TokenSequence of(int[] prompt, int[] completion) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, ids, prompt.length, completion.length);
        return new TokenSequence(ids, List.of(new Span(prompt.length, ids.length)));
    }

    /**
     * The completion of this sequence after the prompt of another: {@code x_other, y_this}.
     *
     * @param maxLength largest length of the result; later tokens are removed, but at least one scored token remains
     */
    public TokenSequence afterPromptOf(TokenSequence other, int maxLength) {
        int start = turns.get(0).start();
        int prompt = Math.min(other.turns.get(0).start(), maxLength - 1);
        int length = Math.min(length() - start, maxLength - prompt);
        int[] joined = new int[prompt + length];
        other.ids.get(0, joined, 0, prompt);
        ids.get(start, joined, prompt, length);
        List<Span> moved = turns.stream()
                .filter(turn -> turn.start() - start < length)
                .map(turn -> new Span(turn.start() - start + prompt, Math.min(turn.end() - start, length) + prompt))
                .toList();
        return new TokenSequence(joined, moved);
    }

    /** Whether this sequence and another have the same prompt: the same tokens before the first scored one. */
    public boolean hasPromptOf(TokenSequence other) {
        int prompt = turns.get(0).start();
        return other.turns.get(0).start() == prompt && commonBeginning(other) >= prompt;
    }

    /** Length of the common prefix of this and another sequence. */
    public int commonBeginning(TokenSequence other) {
        int mismatch = ids.mismatch(other.ids);
        return mismatch < 0 ? length() : mismatch;
    }

    /** Number of tokens, scored or not. */
    public int length() {
        return ids.limit();
    }

    /** The id at a position. */
    public int id(int position) {
        return ids.get(position);
    }

    /** A copy of all ids. */
    public int[] ids() {
        int[] copy = new int[length()];
        ids.get(0, copy);
        return copy;
    }

    /** The scored spans, one per assistant turn, ascending. */
    public List<Span> turns() {
        return turns;
    }

    /** Number of scored tokens, over all turns. */
    public int scoredTokens() {
        return scoredTokens;
    }

    /** The ids of the scored tokens, turn after turn. */
    public int[] scoredIds() {
        int[] scored = new int[scoredTokens];
        int at = 0;
        for (Span turn : turns) {
            ids.get(turn.start(), scored, at, turn.length());
            at += turn.length();
        }
        return scored;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenSequence that && ids.equals(that.ids) && turns.equals(that.turns);
    }

    @Override
    public int hashCode() {
        return 31 * ids.hashCode() + turns.hashCode();
    }

    @Override
    public String toString() {
        return "TokenSequence[" + length() + " tokens, " + scoredTokens + " scored in " + turns.size() + " turns]";
    }
}
