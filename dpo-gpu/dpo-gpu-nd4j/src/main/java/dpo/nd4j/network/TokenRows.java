package dpo.nd4j.network;

import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows of tokens, padded on the right, with the places whose next token is asked for. A causal network does not see the
 * padding, and no gradient comes from it, so there are no masks: those of Deeplearning4j 1.0.0-M2.1 hit other tokens in
 * its {@code TimeDistributed}.
 *
 * @param inputs the tokens of each row, of unequal lengths
 * @param places {@code row · time + position}, ascending; the output there is the distribution of the next token
 * @param nextIds the next token at each place; empty where it is not asked for
 */
public record TokenRows(int[][] inputs, int[] places, int[] nextIds) {

    /**
     * The inputs and places of the scored tokens of sequences. The last token of a sequence is never an input.
     *
     * @throws IllegalArgumentException if there are none, or one is too long or has an unknown token
     */
    public static TokenRows scored(List<TokenSequence> sequences, int vocabulary, int maxLength) {
        int[][] inputs = inputs(sequences, vocabulary, maxLength);
        for (int row = 0; row < inputs.length; row++) {
            inputs[row] = Arrays.copyOf(inputs[row], inputs[row].length - 1);
        }
        int time = time(inputs);
        int[] places =
                new int[sequences.stream().mapToInt(TokenSequence::scoredTokens).sum()];
        int at = 0;
        for (int row = 0; row < inputs.length; row++) {
            for (TokenSequence.Span turn : sequences.get(row).turns()) {
                for (int position = turn.start(); position < turn.end(); position++) {
                    places[at++] = row * time + position - 1;
                }
            }
        }
        return new TokenRows(
                inputs,
                places,
                sequences.stream()
                        .flatMapToInt(s -> Arrays.stream(s.scoredIds()))
                        .toArray());
    }

    private static int[][] inputs(List<TokenSequence> sequences, int vocabulary, int maxLength) {
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("sequences must hold at least one, got none");
        }
        int[][] inputs = new int[sequences.size()][];
        for (int row = 0; row < inputs.length; row++) {
            requireWithin(sequences.get(row), vocabulary, maxLength, row);
            inputs[row] = sequences.get(row).ids();
        }
        return inputs;
    }

    private static void requireWithin(TokenSequence sequence, int vocabulary, int maxLength, int row) {
        if (sequence.length() > maxLength) {
            throw new IllegalArgumentException("sequence must have at most " + maxLength + " tokens, got "
                    + sequence.length() + " (sequence " + row + ")");
        }
        for (int i = 0; i < sequence.length(); i++) {
            if (sequence.id(i) >= vocabulary) {
                throw new IllegalArgumentException("token id must be below " + vocabulary + ", got " + sequence.id(i)
                        + " (sequence " + row + ", position " + i + ")");
            }
        }
    }

    /**
     * Sequences of one turn, with the places of all prefixes of their completions: after the prompt and after each token.
     *
     * @throws IllegalArgumentException as {@link #scored}, or if a sequence has several turns
     */
    public static TokenRows prefixes(List<TokenSequence> sequences, int vocabulary, int maxLength) {
        int[][] inputs = inputs(sequences, vocabulary, maxLength);
        int time = time(inputs);
        int[] places = IntStream.range(0, inputs.length)
                .flatMap(row -> {
                    TokenSequence.Span completion = completion(sequences.get(row), row);
                    return IntStream.range(completion.start() - 1, completion.end())
                            .map(position -> row * time + position);
                })
                .toArray();
        return new TokenRows(inputs, places, new int[0]);
    }

    private static TokenSequence.Span completion(TokenSequence sequence, int row) {
        if (sequence.turns().size() != 1) {
            throw new IllegalArgumentException("sequence of a scalar model must have one scored turn, got "
                    + sequence.turns().size() + " (sequence " + row + ")");
        }
        return sequence.turns().get(0);
    }

    /** The last place of each row, for the token after it. */
    public static TokenRows last(int[][] inputs) {
        int time = time(inputs);
        int[] places = new int[inputs.length];
        Arrays.setAll(places, row -> row * time + inputs[row].length - 1);
        return new TokenRows(inputs, places, new int[0]);
    }

    /** All places of rows of one length. */
    public static TokenRows all(int[][] inputs) {
        int[] places = new int[inputs.length * time(inputs)];
        Arrays.setAll(places, i -> i);
        return new TokenRows(inputs, places, new int[0]);
    }

    /** Length of the longest row. */
    int time() {
        return time(inputs);
    }

    private static int time(int[][] inputs) {
        return Arrays.stream(inputs).mapToInt(row -> row.length).max().orElseThrow();
    }
}
