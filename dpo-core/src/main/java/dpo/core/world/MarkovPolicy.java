package dpo.core.world;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A policy over completions whose next token depends on position and previous token only:
 * {@code log π(y | x) = Σ_t log π_t(y_t | y_{t−1})} with {@code y_0 = x}. Immutable.
 */
public final class MarkovPolicy {

    private final MarkovShape shape;
    private final double[] logProbs;

    private MarkovPolicy(MarkovShape shape, double[] logProbs) {
        this.shape = shape;
        this.logProbs = logProbs;
    }

    /**
     * The policy {@code π(· | state) = softmax(logits[state])}.
     *
     * @param logits a table of the shape; some, but not all, logits of a state may be −∞ (probability 0)
     * @throws IllegalArgumentException if the table has another size
     */
    public static MarkovPolicy ofLogits(MarkovShape shape, double[] logits) {
        if (logits.length != shape.entries()) {
            throw new IllegalArgumentException(
                    "logits must hold one number per entry (" + shape.entries() + "), got " + logits.length);
        }
        double[] logProbs = logits.clone();
        for (int start = 0; start < logProbs.length; start += shape.vocabulary()) {
            normalise(logProbs, start, start + shape.vocabulary());
        }
        return new MarkovPolicy(shape, logProbs);
    }

    private static void normalise(double[] values, int from, int to) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, values[i]);
        }
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += Math.exp(values[i] - max);
        }
        double logSum = Math.log(sum);
        for (int i = from; i < to; i++) {
            // Not values − (max + logSum): for large logits, logSum would be lost in rounding.
            values[i] = values[i] - max - logSum;
        }
    }

    /** States and layout. */
    public MarkovShape shape() {
        return shape;
    }

    /** Log-probability at an entry of the shape's tables, nats. */
    public double logProb(int entry) {
        return logProbs[entry];
    }

    /**
     * Draws a completion.
     *
     * @param prompt prompt, counted from 0
     * @param random gives one uniform number per token
     * @return its tokens, including END if the completion ends with it
     */
    public int[] sample(int prompt, RandomGenerator random) {
        int[] completion = new int[shape.length()];
        int tokens = 0;
        for (int state = prompt; state != MarkovShape.OVER; state = shape.next(state, completion[tokens - 1])) {
            completion[tokens++] = sampleToken(state, random.nextDouble());
        }
        return Arrays.copyOf(completion, tokens);
    }

    private int sampleToken(int state, double uniform) {
        int start = state * shape.vocabulary();
        int token = -1;
        double below = 0;
        int last = 0;
        while (++token < shape.vocabulary()) {
            double probability = Math.exp(logProbs[start + token]);
            below += probability;
            if (uniform < below) {
                return token;
            }
            last = probability > 0 ? token : last;
        }
        // Rounding may leave the sum just below 1; the remainder belongs to the last possible token.
        return last;
    }
}
