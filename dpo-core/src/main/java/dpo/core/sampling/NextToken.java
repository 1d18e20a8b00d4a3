package dpo.core.sampling;

import dpo.core.numeric.LogSpace;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The distribution of the next token, in doubles.
 *
 * <p>A draw inverts the cumulative distribution in the order of the ids and takes one uniform number per token. A
 * rounding difference in a logit therefore changes a token only if the number falls on a boundary between two tokens.
 */
public final class NextToken {

    private final double[] logits;
    private final double logSumExp;

    /**
     * The distribution {@code softmax(logits)}.
     *
     * @param logits one per token id; −∞ for impossible tokens, but not for all; the array is not copied
     * @throws IllegalArgumentException if one is NaN or +∞, or all are −∞
     */
    public NextToken(double[] logits) {
        this.logits = logits;
        this.logSumExp = LogSpace.logSumExp(logits);
        if (!Double.isFinite(logSumExp)) {
            throw new IllegalArgumentException(
                    "logits must be numbers below +∞ and not all -∞, got a log-sum-exp of " + logSumExp);
        }
    }

    /** log π of a token at temperature 1 without top-p truncation. */
    public double logProb(int token) {
        return logits[token] - logSumExp;
    }

    /** Draws a token id; takes one number from the stream, and none at temperature 0. */
    public int draw(Sampling settings, RandomGenerator random) {
        if (settings.temperature() == 0) {
            return mostProbable();
        }
        double[] probabilities = probabilities(settings);
        double uniform = random.nextDouble();
        double below = 0;
        int last = 0;
        for (int token = 0; token < probabilities.length; token++) {
            below += probabilities[token];
            if (uniform < below) {
                return token;
            }
            last = probabilities[token] > 0 ? token : last;
        }
        // Rounding may leave the sum just below 1; the remainder belongs to the last possible token.
        return last;
    }

    /** The probability of drawing each token; they sum to 1. */
    public double[] probabilities(Sampling settings) {
        double[] probabilities = new double[logits.length];
        if (settings.temperature() == 0) {
            probabilities[mostProbable()] = 1;
            return probabilities;
        }
        double max = logits[mostProbable()];
        double sum = 0;
        for (int token = 0; token < logits.length; token++) {
            probabilities[token] = Math.exp((logits[token] - max) / settings.temperature());
            sum += probabilities[token];
        }
        scale(probabilities, sum);
        return settings.topP() < 1 ? nucleus(probabilities, settings.topP()) : probabilities;
    }

    private int mostProbable() {
        int best = 0;
        for (int token = 1; token < logits.length; token++) {
            best = logits[token] > logits[best] ? token : best;
        }
        return best;
    }

    /** Sets all but the most probable tokens to 0; among equal ones at the boundary the smallest ids remain. */
    private static double[] nucleus(double[] probabilities, double share) {
        // Tokens below the floor have less than 1 − share in total, so none is in the nucleus; only the rest is sorted.
        double floor = (1 - share) / probabilities.length;
        double[] ascending =
                Arrays.stream(probabilities).filter(p -> p >= floor).sorted().toArray();
        double held = 0;
        int first = ascending.length;
        while (first > 0 && held < share) {
            first--;
            held += ascending[first];
        }
        double border = ascending[first];
        int atBorder = 0;
        for (int i = first; i < ascending.length && ascending[i] == border; i++) {
            atBorder++;
        }
        for (int token = 0; token < probabilities.length; token++) {
            boolean stays = probabilities[token] > border || (probabilities[token] == border && atBorder-- > 0);
            probabilities[token] = stays ? probabilities[token] : 0;
        }
        scale(probabilities, held);
        return probabilities;
    }

    private static void scale(double[] values, double sum) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
    }
}
