package dpo.core.logprob;

import java.util.Arrays;

/**
 * The gradient of a scalar loss with respect to token log-probabilities, {@code [row][token]}: ∂L/∂log π(y_t | x,
 * y_&lt;t).
 *
 * <p>Immutable. Same layout as the {@link TokenLogProbs} it belongs to.
 */
public final class TokenGradient {

    private final TokenShape shape;
    private final double[] values;

    private TokenGradient(TokenShape shape, double[] values) {
        this.shape = shape;
        this.values = values;
    }

    /**
     * A gradient in the flat layout of a shape.
     *
     * @throws IllegalArgumentException where the number of values is not the shape's number of tokens
     */
    public static TokenGradient of(TokenShape shape, double[] values) {
        if (values.length != shape.tokens()) {
            throw new IllegalArgumentException(
                    "values must hold one number a token (" + shape.tokens() + "), got " + values.length);
        }
        return new TokenGradient(shape, values.clone());
    }

    /** The gradient of a loss that sees each row only through the sum of its tokens: one number a row. */
    public static TokenGradient ofRowSums(TokenShape shape, double[] perRow) {
        double[] values = new double[shape.tokens()];
        for (int row = 0; row < shape.rows(); row++) {
            Arrays.fill(values, shape.start(row), shape.end(row), perRow[row]);
        }
        return new TokenGradient(shape, values);
    }

    /** The zero gradient. */
    public static TokenGradient zero(TokenShape shape) {
        return new TokenGradient(shape, new double[shape.tokens()]);
    }

    /** Rows, turns and lengths. */
    public TokenShape shape() {
        return shape;
    }

    /** The value at a flat position of the {@link #shape()}. */
    public double at(int position) {
        return values[position];
    }

    /** A copy of one row's values. */
    public double[] row(int row) {
        return Arrays.copyOfRange(values, shape.start(row), shape.end(row));
    }

    /** A copy of all values in flat layout. */
    public double[] toArray() {
        return values.clone();
    }

    /** This gradient times a number. */
    public TokenGradient times(double factor) {
        double[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return new TokenGradient(shape, scaled);
    }

    /** The sum of two gradients of the same shape. */
    public TokenGradient plus(TokenGradient other) {
        if (!shape.equals(other.shape)) {
            throw new IllegalArgumentException("shapes must be equal, got " + shape + " and " + other.shape);
        }
        double[] sum = values.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.values[i];
        }
        return new TokenGradient(shape, sum);
    }

    /** These rows followed by the rows of another gradient. */
    public TokenGradient then(TokenGradient other) {
        double[] all = Arrays.copyOf(values, values.length + other.values.length);
        System.arraycopy(other.values, 0, all, values.length, other.values.length);
        return new TokenGradient(shape.then(other.shape), all);
    }

    @Override
    public String toString() {
        return "TokenGradient[" + shape.rows() + " rows, " + values.length + " tokens]";
    }
}
