package dpo.core.logprob;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The gradient of a scalar loss with respect to token log-probabilities, {@code [row][token]}: ∂L/∂log π(y_t | x,
 * y_&lt;t).
 *
 * <p>Immutable. It has the layout of the {@link TokenLogProbs} that were evaluated. If the gradient is the same for all
 * tokens of each row, only one number per row is stored.
 */
public final class TokenGradient {

    private final TokenShape shape;
    private final boolean rowConstant;
    private final double[] values; // one number per row if rowConstant, else one per token

    private TokenGradient(TokenShape shape, boolean rowConstant, double[] values) {
        this.shape = shape;
        this.rowConstant = rowConstant;
        this.values = values;
    }

    /**
     * A gradient in the flat layout of a shape.
     *
     * @throws IllegalArgumentException if the number of values is not the shape's number of tokens
     */
    public static TokenGradient of(TokenShape shape, double[] values) {
        if (values.length != shape.tokens()) {
            throw new IllegalArgumentException(
                    "values must hold one number per token (" + shape.tokens() + "), got " + values.length);
        }
        return new TokenGradient(shape, false, values.clone());
    }

    /**
     * A gradient that is written in place, without a copy.
     *
     * @param fill writes into the flat layout of the shape, zeros at first; must not retain the array
     */
    public static TokenGradient filled(TokenShape shape, Consumer<double[]> fill) {
        double[] values = new double[shape.tokens()];
        fill.accept(values);
        return new TokenGradient(shape, false, values);
    }

    /** The gradient of a loss that depends on each row only through the sum of its tokens: one number per row. */
    public static TokenGradient ofRowSums(TokenShape shape, double[] perRow) {
        if (perRow.length != shape.rows()) {
            throw new IllegalArgumentException(
                    "values must hold one number per row (" + shape.rows() + "), got " + perRow.length);
        }
        return new TokenGradient(shape, true, perRow.clone());
    }

    /** The zero gradient. */
    public static TokenGradient zero(TokenShape shape) {
        return new TokenGradient(shape, true, new double[shape.rows()]);
    }

    /** Rows, turns and lengths. */
    public TokenShape shape() {
        return shape;
    }

    /** The value at a flat position of the {@link #shape()}, which must lie in the given row. */
    public double at(int row, int position) {
        return rowConstant ? values[row] : values[position];
    }

    /** A copy of one row's values. */
    public double[] row(int row) {
        if (!rowConstant) {
            return Arrays.copyOfRange(values, shape.start(row), shape.end(row));
        }
        double[] tokens = new double[shape.tokens(row)];
        Arrays.fill(tokens, values[row]);
        return tokens;
    }

    /** A copy of all values in flat layout. */
    public double[] toArray() {
        if (!rowConstant) {
            return values.clone();
        }
        double[] tokens = new double[shape.tokens()];
        for (int row = 0; row < shape.rows(); row++) {
            Arrays.fill(tokens, shape.start(row), shape.end(row), values[row]);
        }
        return tokens;
    }

    /** This gradient times a number. */
    public TokenGradient times(double factor) {
        double[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return new TokenGradient(shape, rowConstant, scaled);
    }

    /** The sum of two gradients of the same shape. */
    public TokenGradient plus(TokenGradient other) {
        if (!shape.equals(other.shape)) {
            throw new IllegalArgumentException("shapes must be equal, got " + shape + " and " + other.shape);
        }
        if (rowConstant && other.rowConstant) {
            double[] sum = values.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += other.values[i];
            }
            return new TokenGradient(shape, true, sum);
        }
        double[] sum = toArray();
        for (int row = 0; row < shape.rows(); row++) {
            for (int i = shape.start(row); i < shape.end(row); i++) {
                sum[i] += other.rowConstant ? other.values[row] : other.values[i];
            }
        }
        return new TokenGradient(shape, false, sum);
    }

    /** The rows {@code [from, to)}. */
    public TokenGradient rows(int from, int to) {
        TokenShape part = shape.rows(from, to);
        return new TokenGradient(
                part,
                rowConstant,
                rowConstant
                        ? Arrays.copyOfRange(values, from, to)
                        : Arrays.copyOfRange(values, shape.start(from), shape.start(to)));
    }

    /** These rows followed by the rows of another gradient. */
    public TokenGradient then(TokenGradient other) {
        boolean constant = rowConstant && other.rowConstant;
        double[] mine = constant ? values : toArray();
        double[] others = constant ? other.values : other.toArray();
        double[] all = Arrays.copyOf(mine, mine.length + others.length);
        System.arraycopy(others, 0, all, mine.length, others.length);
        return new TokenGradient(shape.then(other.shape), constant, all);
    }

    @Override
    public String toString() {
        return "TokenGradient[" + shape.rows() + " rows, " + shape.tokens() + " tokens]";
    }
}
