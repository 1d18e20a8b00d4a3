package dpo.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.MarginLoss.MarginTerm;
import dpo.core.loss.PairwiseLoss.Pair;
import dpo.core.loss.PairwiseLoss.PairTerm;

/** Single pairs for tests, and textbook forms of the functions in objectives. */
public final class PairExamples {

    /** s_w = 2 over ten tokens, s_l = −3 over twenty; rated 1.5 apart. */
    public static final Pair SUMS = new Pair(2, -3, 10, 20, 1.5);

    /** Log-probabilities of a reference-free objective, summed or per token. */
    public static final Pair LOG_PROBS = new Pair(-1.2, -0.4, 4, 3, 0.5);

    private PairExamples() {}

    /** The pair with chosen and rejected exchanged. */
    public static Pair swapped(Pair pair) {
        return new Pair(pair.rejected(), pair.chosen(), pair.rejectedTokens(), pair.chosenTokens(), -pair.ratingGap());
    }

    /** −log σ(x). */
    public static double nll(double x) {
        return Math.log(1 + Math.exp(-x));
    }

    public static double odds(double p) {
        return p / (1 - p);
    }

    public static void assertClose(PairTerm actual, MarginTerm expected, double tolerance) {
        assertClose(actual, PairTerm.ofMargin(expected.value(), expected.slope()), tolerance);
    }

    public static void assertClose(PairTerm actual, PairTerm expected, double tolerance) {
        assertThat(actual.value()).isCloseTo(expected.value(), within(tolerance));
        assertThat(actual.chosenSlope()).isCloseTo(expected.chosenSlope(), within(tolerance));
        assertThat(actual.rejectedSlope()).isCloseTo(expected.rejectedSlope(), within(tolerance));
    }
}
