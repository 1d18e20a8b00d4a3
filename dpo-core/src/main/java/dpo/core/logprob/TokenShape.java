package dpo.core.logprob;

import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;

/**
 * The shape of ragged rows of scored tokens: row → turns → tokens, stored row after row in one flat array.
 *
 * <p>Row {@code i} holds the turns {@code [firstTurn[i], firstTurn[i+1])}; turn {@code t} (counted over all rows) holds
 * the flat positions {@code [firstToken[t], firstToken[t+1])}. A row may be empty. A turn may be empty only in the
 * result of {@link #onlyTurn}.
 */
public final class TokenShape {

    private final int[] firstTurn;
    private final int[] firstToken;

    private TokenShape(int[] firstTurn, int[] firstToken) {
        this.firstTurn = firstTurn;
        this.firstToken = firstToken;
    }

    /**
     * The shape with the given number of tokens in each turn of each row.
     *
     * @param turnLengths {@code [row][turn]}, each at least 1
     * @throws IllegalArgumentException if a turn is empty
     */
    public static TokenShape ofTurns(int[]... turnLengths) {
        int[] firstTurn = new int[turnLengths.length + 1];
        for (int row = 0; row < turnLengths.length; row++) {
            firstTurn[row + 1] = firstTurn[row] + turnLengths[row].length;
        }
        int[] firstToken = new int[firstTurn[turnLengths.length] + 1];
        int turn = 0;
        for (int row = 0; row < turnLengths.length; row++) {
            for (int length : turnLengths[row]) {
                if (length < 1) {
                    throw new IllegalArgumentException(
                            "a turn must hold at least 1 token, got " + length + " (row " + row + ")");
                }
                firstToken[turn + 1] = firstToken[turn] + length;
                turn++;
            }
        }
        return new TokenShape(firstTurn, firstToken);
    }

    /** The shape of the scored tokens of sequences, one row per sequence. */
    public static TokenShape of(List<TokenSequence> sequences) {
        int[] firstTurn = new int[sequences.size() + 1];
        for (int row = 0; row < sequences.size(); row++) {
            firstTurn[row + 1] = firstTurn[row] + sequences.get(row).turns().size();
        }
        int[] firstToken = new int[firstTurn[sequences.size()] + 1];
        int turn = 0;
        for (TokenSequence sequence : sequences) {
            for (TokenSequence.Span span : sequence.turns()) {
                firstToken[turn + 1] = firstToken[turn] + span.length();
                turn++;
            }
        }
        return new TokenShape(firstTurn, firstToken);
    }

    /** Number of rows. */
    public int rows() {
        return firstTurn.length - 1;
    }

    /** Number of tokens over all rows. */
    public int tokens() {
        return firstToken[firstToken.length - 1];
    }

    /** Number of tokens of a row, over its turns. */
    public int tokens(int row) {
        return end(row) - start(row);
    }

    /** Flat position of a row's first token; {@code start(rows())} is the number of all tokens. */
    public int start(int row) {
        return firstToken[firstTurn[row]];
    }

    /** Flat position after a row's last token. */
    public int end(int row) {
        return firstToken[firstTurn[row + 1]];
    }

    /** Number of turns of a row. */
    public int turns(int row) {
        return firstTurn[row + 1] - firstTurn[row];
    }

    /** Flat position of the first token of a row's turn. */
    public int turnStart(int row, int turn) {
        return firstToken[turnIndex(row, turn)];
    }

    /** Flat position after the last token of a row's turn. */
    public int turnEnd(int row, int turn) {
        return firstToken[turnIndex(row, turn) + 1];
    }

    /** The shape of the rows {@code [from, to)}. */
    public TokenShape rows(int from, int to) {
        int[] turns = Arrays.copyOfRange(firstTurn, from, to + 1);
        int[] tokens = Arrays.copyOfRange(firstToken, turns[0], turns[turns.length - 1] + 1);
        int skippedTurns = turns[0];
        int skippedTokens = tokens[0];
        Arrays.setAll(turns, i -> turns[i] - skippedTurns);
        Arrays.setAll(tokens, i -> tokens[i] - skippedTokens);
        return new TokenShape(turns, tokens);
    }

    /** The same rows and turns; all turns but the one with this index (from 0) are empty. */
    TokenShape onlyTurn(int turn) {
        int[] tokens = new int[firstToken.length];
        for (int row = 0; row < rows(); row++) {
            for (int t = firstTurn[row]; t < firstTurn[row + 1]; t++) {
                boolean isSelected = t == firstTurn[row] + turn;
                tokens[t + 1] = tokens[t] + (isSelected ? firstToken[t + 1] - firstToken[t] : 0);
            }
        }
        return new TokenShape(firstTurn, tokens);
    }

    /** The shape of these rows followed by the rows of another. */
    public TokenShape then(TokenShape other) {
        return joined(List.of(this, other));
    }

    /** The shape of the rows of some shapes, in order. */
    public static TokenShape joined(List<TokenShape> shapes) {
        return ofTurns(shapes.stream()
                .flatMap(shape -> Arrays.stream(shape.turnLengths()))
                .toArray(int[][]::new));
    }

    /** Number of tokens of each turn of each row: {@code [row][turn]}. */
    public int[][] turnLengths() {
        int[][] lengths = new int[rows()][];
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = new int[turns(row)];
            for (int turn = 0; turn < lengths[row].length; turn++) {
                lengths[row][turn] = turnEnd(row, turn) - turnStart(row, turn);
            }
        }
        return lengths;
    }

    private int turnIndex(int row, int turn) {
        int index = firstTurn[row] + turn;
        if (turn < 0 || index >= firstTurn[row + 1]) {
            throw new IndexOutOfBoundsException(
                    "turn must be in [0, " + turns(row) + "), got " + turn + " (row " + row + ")");
        }
        return index;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenShape that
                && Arrays.equals(firstTurn, that.firstTurn)
                && Arrays.equals(firstToken, that.firstToken);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(firstTurn) + Arrays.hashCode(firstToken);
    }

    @Override
    public String toString() {
        return "TokenShape[" + rows() + " rows, " + tokens() + " tokens]";
    }
}
