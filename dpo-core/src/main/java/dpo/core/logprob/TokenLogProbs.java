package dpo.core.logprob;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Log-probabilities of scored tokens, {@code [row][token]}, natural logs (nats): {@code log π(y_t | x, y_<t)}.
 *
 * <p>{@link #shape()} divides the rows into turns. Immutable. Values are at most 0, but small positive values due to
 * rounding are accepted. NaN is accepted; {@link #firstNonFiniteRow()} finds it.
 */
public final class TokenLogProbs {

    private final TokenShape shape;
    private final double[] values;

    private TokenLogProbs(TokenShape shape, double[] values) {
        this.shape = shape;
        this.values = values;
    }

    /**
     * Log-probabilities in the flat layout of a shape.
     *
     * @throws IllegalArgumentException if the number of values is not the shape's number of tokens
     */
    public static TokenLogProbs of(TokenShape shape, double[] values) {
        if (values.length != shape.tokens()) {
            throw new IllegalArgumentException(
                    "values must hold one number per token (" + shape.tokens() + "), got " + values.length);
        }
        return new TokenLogProbs(shape, values.clone());
    }

    /**
     * Log-probabilities that are written in place, without a copy.
     *
     * @param fill writes into the flat layout of the shape, zeros at first; must not retain the array
     */
    public static TokenLogProbs filled(TokenShape shape, Consumer<double[]> fill) {
        double[] values = new double[shape.tokens()];
        fill.accept(values);
        return new TokenLogProbs(shape, values);
    }

    /** Rows of one turn each; an empty row has no turn. */
    public static TokenLogProbs ofRows(double[]... rows) {
        TokenShape shape = TokenShape.ofTurns(Arrays.stream(rows)
                .map(row -> row.length == 0 ? new int[0] : new int[] {row.length})
                .toArray(int[][]::new));
        return new TokenLogProbs(
                shape, Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray());
    }

    /** Rows, turns and lengths. */
    public TokenShape shape() {
        return shape;
    }

    /** Number of rows. */
    public int rows() {
        return shape.rows();
    }

    /** Number of tokens of a row. */
    public int tokens(int row) {
        return shape.tokens(row);
    }

    /** The value at a flat position of the {@link #shape()}. */
    public double at(int position) {
        return values[position];
    }

    /** Log-probability of a row's completion: the sum over all its tokens, nats; 0 for an empty row. */
    public double sum(int row) {
        return sum(shape.start(row), shape.end(row));
    }

    /** Log-probability of one turn of a row, nats. */
    public double turnSum(int row, int turn) {
        return sum(shape.turnStart(row, turn), shape.turnEnd(row, turn));
    }

    /**
     * Log-ratio of a row's completion to that of a reference of the same shape: {@code Σ_t (log πθ − log π_ref)}, nats.
     * Summed as differences, so that equal models give exactly 0.
     */
    public double logRatio(TokenLogProbs reference, int row) {
        return logRatio(reference, shape.start(row), shape.end(row));
    }

    /** Log-ratio of one turn of a row, as {@link #logRatio}. */
    public double turnLogRatio(TokenLogProbs reference, int row, int turn) {
        return logRatio(reference, shape.turnStart(row, turn), shape.turnEnd(row, turn));
    }

    /** A copy of one row's values. */
    public double[] row(int row) {
        return Arrays.copyOfRange(values, shape.start(row), shape.end(row));
    }

    /** A copy of all values in flat layout. */
    public double[] toArray() {
        return values.clone();
    }

    /** The rows {@code [from, to)}. */
    public TokenLogProbs rows(int from, int to) {
        return new TokenLogProbs(shape.rows(from, to), Arrays.copyOfRange(values, shape.start(from), shape.start(to)));
    }

    /** The tokens of one turn (index from 0) of each row; the other turns are empty. */
    public TokenLogProbs onlyTurn(int turn) {
        return filled(shape.onlyTurn(turn), selected -> {
            int end = 0;
            for (int row = 0; row < rows(); row++) {
                if (turn < shape.turns(row)) {
                    int length = shape.turnEnd(row, turn) - shape.turnStart(row, turn);
                    System.arraycopy(values, shape.turnStart(row, turn), selected, end, length);
                    end += length;
                }
            }
        });
    }

    /** The rows of some log-probabilities, in order. */
    public static TokenLogProbs joined(List<TokenLogProbs> parts) {
        return new TokenLogProbs(
                TokenShape.joined(parts.stream().map(TokenLogProbs::shape).toList()),
                parts.stream()
                        .flatMapToDouble(part -> Arrays.stream(part.values))
                        .toArray());
    }

    /** The first row with a NaN or an infinity, or -1. */
    public int firstNonFiniteRow() {
        for (int row = 0; row < rows(); row++) {
            if (!Double.isFinite(sum(row))) {
                return row;
            }
        }
        return -1;
    }

    private double logRatio(TokenLogProbs reference, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i] - reference.values[i];
        }
        return sum;
    }

    private double sum(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }

    @Override
    public String toString() {
        return "TokenLogProbs[" + rows() + " rows, " + values.length + " tokens]";
    }
}
