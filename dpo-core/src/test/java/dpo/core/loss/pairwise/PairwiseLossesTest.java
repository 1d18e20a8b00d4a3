package dpo.core.loss.pairwise;

import static dpo.core.loss.PairExamples.LOG_PROBS;
import static dpo.core.loss.PairExamples.SUMS;
import static dpo.core.loss.PairExamples.nll;
import static dpo.core.loss.PairExamples.odds;
import static java.lang.Math.exp;
import static java.lang.Math.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.Baseline;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.PairwiseLoss.Pair;
import dpo.core.loss.PairwiseLoss.PairTerm;
import dpo.core.loss.Reduction;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Independently computed values of the pairwise objectives, and laws that hold for all of them. */
class PairwiseLossesTest {

    /** {@link PairExamples#SUMS} per token. */
    private static final Pair MEANS = new Pair(0.2, -0.15, 10, 20, 1.5);

    /** Every objective, with hyper-parameters other than the defaults. */
    static Stream<PairwiseLoss> all() {
        return Stream.of(
                new RobustLoss(0.3, 0.2),
                new ExoPairLoss(0.3, 0.05),
                new DiscoPopLoss(0.7, 0.4),
                new DiscoPopLoss(0.7, 3),
                new SigmoidNormLoss(1.5, 0.1),
                new NcaPairLoss(0.3),
                new BcoPairLoss(0.3),
                new SppoHardLoss(0.3),
                new ApoZeroLoss(0.3),
                new ApoDownLoss(0.3),
                new DpopLoss(0.3, 5),
                new CalDpoLoss(0.3),
                new ChiPoLoss(0.3, 4),
                new RDpoLoss(0.3, 0.02),
                new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LOG),
                new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LINEAR),
                new RpoLoss(RpoLoss.Distance.SQ, 0.3, 0.6),
                new RpoLoss(RpoLoss.Distance.BWD_KL, 0.3, 0.6),
                new RpoLoss(RpoLoss.Distance.FWD_KL, 0.3, 0.6),
                new SimPoLoss(1.5, 0.3),
                new AlphaPoLoss(1.5, 0.25, 0.3),
                new AlphaPoLoss(1.5, -0.5, 0.3),
                new CpoLoss(0.3, 0.1, 0.8),
                new OrpoLoss(0.4),
                new SlicHfLoss(2, 0.3));
    }

    /** Values at β = 0.1 from the comparison of systems, with five digits. */
    static Stream<Arguments> published() {
        return Stream.of(
                Arguments.of(new RobustLoss(0.1, 0.1), SUMS, 0.41158),
                Arguments.of(new ExoPairLoss(0.1, 1e-3), SUMS, 1.94573),
                Arguments.of(new NcaPairLoss(0.1), SUMS, 1.27439),
                Arguments.of(new BcoPairLoss(0.1), SUMS, 1.15249),
                Arguments.of(new SppoHardLoss(0.1), SUMS, 13.0),
                Arguments.of(new ApoZeroLoss(0.1), SUMS, 0.87572),
                Arguments.of(new ApoDownLoss(0.1), SUMS, 0.92737),
                Arguments.of(new DiscoPopLoss(0.1, 0.05), SUMS, 0.60652),
                Arguments.of(new SigmoidNormLoss(0.1, 0), MEANS, 0.67580));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("published")
    void the_value_is_the_one_that_other_systems_compute(PairwiseLoss loss, Pair pair, double digits) {
        assertThat(loss.pair(pair).value()).isCloseTo(digits, within(5.1e-6));
    }

    /** By the formula as it is printed, which is exact enough where nothing overflows. */
    static Stream<Arguments> printed() {
        double e = 0.2;
        double q = sigma(1.5);
        double m = sigma(3.5 / 0.4);
        return Stream.of(
                Arguments.of(new RobustLoss(0.3, e), SUMS, ((1 - e) * nll(1.5) - e * nll(-1.5)) / (1 - 2 * e)),
                Arguments.of(
                        new ExoPairLoss(0.3, e), SUMS, q * (log(q) - log(1 - e)) + (1 - q) * (log(1 - q) - log(e))),
                Arguments.of(new DiscoPopLoss(0.7, 0.4), SUMS, (1 - m) * nll(3.5) + m * exp(-3.5)),
                Arguments.of(new SigmoidNormLoss(2, 0.1), MEANS, 0.9 * nll(0.7) + 0.1 * nll(-0.7)),
                Arguments.of(new NcaPairLoss(0.3), SUMS, nll(0.6) + 0.5 * nll(-0.6) + 0.5 * nll(0.9)),
                Arguments.of(new BcoPairLoss(0.3), SUMS, nll(0.6) + nll(0.9)),
                Arguments.of(new SppoHardLoss(0.25), SUMS, 0 + 1),
                Arguments.of(new ApoZeroLoss(0.3), SUMS, 1 - sigma(0.6) + sigma(-0.9)),
                Arguments.of(new ApoDownLoss(0.3), SUMS, sigma(0.6) + 1 - sigma(1.5)),
                Arguments.of(new DpopLoss(0.3, 5), SUMS, nll(1.5)),
                Arguments.of(new DpopLoss(0.3, 5), new Pair(-0.5, -3, 10, 20, 0), nll(0.3 * (2.5 - 5 * 0.5))),
                Arguments.of(new CalDpoLoss(0.25), SUMS, nll(5) + 0 + 1),
                Arguments.of(new ChiPoLoss(0.3, 4), SUMS, nll(0.3 * (exp(2) + 2 - exp(-3) + 3))),
                Arguments.of(new ChiPoLoss(0.3, 1), SUMS, nll(2)),
                Arguments.of(new ChiPoLoss(0.3, 1), new Pair(-3, 2, 1, 1, 0), nll(-2)),
                Arguments.of(new RDpoLoss(0.3, 0.02), SUMS, nll(1.5 - 0.2)),
                Arguments.of(new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LOG), SUMS, nll(1.5 - 0.7 * log(1.5))),
                Arguments.of(new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LINEAR), SUMS, nll(1.5 - 1.05)),
                Arguments.of(new RpoLoss(RpoLoss.Distance.SQ, 0.3, 0.6), SUMS, 0.36),
                Arguments.of(new RpoLoss(RpoLoss.Distance.BWD_KL, 0.3, 0.6), SUMS, kl(sigma(0.9), sigma(1.5))),
                Arguments.of(new RpoLoss(RpoLoss.Distance.FWD_KL, 0.3, 0.6), SUMS, kl(sigma(1.5), sigma(0.9))),
                Arguments.of(new SimPoLoss(1.5, 0.3), LOG_PROBS, nll(1.5 * -0.8 - 0.3)),
                Arguments.of(new AlphaPoLoss(1.5, 0.25, 0.3), LOG_PROBS, nll(6 * (exp(0.1) - exp(0.3)) - 0.3)),
                Arguments.of(new AlphaPoLoss(1.5, -0.5, 0.3), LOG_PROBS, nll(-3 * (exp(-0.2) - exp(-0.6)) - 0.3)),
                Arguments.of(new CpoLoss(0.3, 0.1, 0.8), LOG_PROBS, 0.9 * nll(-0.24) + 0.1 * nll(0.24) + 0.8 * 1.2),
                Arguments.of(new OrpoLoss(0.4), LOG_PROBS, 1.2 + 0.4 * log(1 + odds(exp(-0.4)) / odds(exp(-1.2)))),
                Arguments.of(new SlicHfLoss(2, 0.3), LOG_PROBS, 2.8 + 0.36),
                Arguments.of(new SlicHfLoss(2, 0.3), new Pair(-1, -4, 1, 1, 0), 0.3));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("printed")
    void the_value_equals_that_of_the_printed_formula(PairwiseLoss loss, Pair pair, double value) {
        assertThat(loss.pair(pair).value()).isCloseTo(value, within(1e-13 * Math.max(1, value)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void slopes_are_the_derivatives_of_the_value(PairwiseLoss loss) {
        List<Pair> pairs = List.of(
                LOG_PROBS,
                new Pair(-0.05, -2.3, 7, 2, 2.5),
                new Pair(-3.1, -0.7, 2, 9, 0.2),
                new Pair(-0.8, -6.3, 5, 5, 1));
        for (Pair pair : loss.baseline() == Baseline.NONE ? pairs : signed(pairs)) {
            PairTerm term = loss.pair(pair);
            double chosen =
                    derivative(c -> loss.pair(with(pair, c, pair.rejected())).value(), pair.chosen());
            double rejected =
                    derivative(r -> loss.pair(with(pair, pair.chosen(), r)).value(), pair.rejected());
            assertThat(term.chosenSlope()).isCloseTo(chosen, within(1e-9 * Math.max(1, Math.abs(chosen))));
            assertThat(term.rejectedSlope()).isCloseTo(rejected, within(1e-9 * Math.max(1, Math.abs(rejected))));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void values_and_slopes_are_finite_at_the_ends(PairwiseLoss loss) {
        double[] ends = {-1e5, -1e4, -750, -80, -1, 0, 1, 80, 750, 1e4, 1e5};
        for (double chosen : ends) {
            for (double rejected : ends) {
                PairTerm term = loss.pair(new Pair(chosen, rejected, 3, 400, 2));
                assertThat(DoubleStream.of(term.value(), term.chosenSlope(), term.rejectedSlope()))
                        .as("at %s and %s", chosen, rejected)
                        .allMatch(Double::isFinite);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void a_nan_log_prob_gives_a_nan_loss(PairwiseLoss loss) {
        assertThat(loss.pair(new Pair(Double.NaN, -1, 2, 3, 1)).value()).isNaN();
        assertThat(loss.pair(new Pair(-1, Double.NaN, 2, 3, 1)).value()).isNaN();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void a_common_constant_of_both_scores_cancels_only_in_objectives_of_the_margin(PairwiseLoss loss) {
        Pair shifted = new Pair(LOG_PROBS.chosen() - 0.7, LOG_PROBS.rejected() - 0.7, 4, 3, 0.5);
        double change = loss.pair(shifted).value() - loss.pair(LOG_PROBS).value();
        boolean marginAlone = loss instanceof MarginLoss
                || loss instanceof RDpoLoss
                || loss instanceof OdpoLoss
                || loss instanceof RpoLoss;
        if (marginAlone) {
            assertThat(change).isCloseTo(0, within(1e-15));
        } else {
            assertThat(Math.abs(change)).isGreaterThan(1e-3);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void an_objective_declares_its_scores(PairwiseLoss loss) {
        boolean free = loss instanceof SimPoLoss
                || loss instanceof AlphaPoLoss
                || loss instanceof CpoLoss
                || loss instanceof OrpoLoss
                || loss instanceof SlicHfLoss;
        boolean perToken = loss instanceof SimPoLoss
                || loss instanceof AlphaPoLoss
                || loss instanceof OrpoLoss
                || loss instanceof SigmoidNormLoss;
        assertThat(loss.baseline()).isEqualTo(free ? Baseline.NONE : Baseline.REFERENCE);
        assertThat(loss.reduction()).isEqualTo(perToken ? Reduction.MEAN : Reduction.SUM);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void beta_is_1_by_default(PairwiseLoss loss) {
        assertThat(loss.beta() == 1).isEqualTo(loss instanceof OrpoLoss || loss instanceof SlicHfLoss);
    }

    private static Pair with(Pair pair, double chosen, double rejected) {
        return new Pair(chosen, rejected, pair.chosenTokens(), pair.rejectedTokens(), pair.ratingGap());
    }

    /** Log-ratios have either sign. */
    private static List<Pair> signed(List<Pair> pairs) {
        return pairs.stream()
                .flatMap(pair -> Stream.of(
                        pair, with(pair, -pair.chosen(), pair.rejected()), with(pair, pair.chosen(), -pair.rejected())))
                .toList();
    }

    /** Central difference of the sixth order. */
    private static double derivative(DoubleUnaryOperator f, double x) {
        double h = 2e-3;
        return (45 * (f.applyAsDouble(x + h) - f.applyAsDouble(x - h))
                        - 9 * (f.applyAsDouble(x + 2 * h) - f.applyAsDouble(x - 2 * h))
                        + f.applyAsDouble(x + 3 * h)
                        - f.applyAsDouble(x - 3 * h))
                / (60 * h);
    }

    private static double sigma(double x) {
        return 1 / (1 + exp(-x));
    }

    private static double kl(double p, double q) {
        return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q));
    }
}
