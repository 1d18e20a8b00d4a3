package dpo.core.loss;

import static java.lang.Math.exp;
import static java.lang.Math.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.MarginLoss.MarginTerm;
import dpo.core.loss.PairwiseLoss.Pair;
import dpo.core.loss.PairwiseLoss.PairTerm;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values worked out another way, symmetries, limits and ends of the pairwise objectives. */
class PairwiseLossesTest {

    /** s_w = 2 over ten tokens, s_l = −3 over twenty; rated 1.5 apart. */
    private static final Pair SUMS = new Pair(2, -3, 10, 20, 1.5);
    /** The same per token. */
    private static final Pair MEANS = new Pair(0.2, -0.15, 10, 20, 1.5);
    /** Log-probabilities of a reference-free objective, summed or per token. */
    private static final Pair LOG_PROBS = new Pair(-1.2, -0.4, 4, 3, 0.5);

    /** Every objective, with hyper-parameters other than the defaults. */
    static Stream<PairwiseLoss> all() {
        return Stream.of(
                new RobustLoss(0.3, 0.2), new ExoPairLoss(0.3, 0.05), new DiscoPopLoss(0.7, 0.4),
                new DiscoPopLoss(0.7, 3), new SigmoidNormLoss(1.5, 0.1), new NcaPairLoss(0.3), new BcoPairLoss(0.3),
                new SppoHardLoss(0.3), new ApoZeroLoss(0.3), new ApoDownLoss(0.3), new DpopLoss(0.3, 5),
                new CalDpoLoss(0.3), new ChiPoLoss(0.3, 4), new RDpoLoss(0.3, 0.02),
                new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LOG), new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LINEAR),
                new RpoLoss(RpoLoss.Distance.SQ, 0.3, 0.6), new RpoLoss(RpoLoss.Distance.BWD_KL, 0.3, 0.6),
                new RpoLoss(RpoLoss.Distance.FWD_KL, 0.3, 0.6), new SimPoLoss(1.5, 0.3),
                new AlphaPoLoss(1.5, 0.25, 0.3), new AlphaPoLoss(1.5, -0.5, 0.3), new CpoLoss(0.3, 0.1, 0.8),
                new OrpoLoss(0.4), new SlicHfLoss(2, 0.3));
    }

    /** Values at β = 0.1 that stand in the comparison of systems, with five digits. */
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
                Arguments.of(
                        new AlphaPoLoss(1.5, 0.25, 0.3), LOG_PROBS, nll(6 * (exp(0.1) - exp(0.3)) - 0.3)),
                Arguments.of(
                        new AlphaPoLoss(1.5, -0.5, 0.3), LOG_PROBS, nll(-3 * (exp(-0.2) - exp(-0.6)) - 0.3)),
                Arguments.of(
                        new CpoLoss(0.3, 0.1, 0.8), LOG_PROBS, 0.9 * nll(-0.24) + 0.1 * nll(0.24) + 0.8 * 1.2),
                Arguments.of(new OrpoLoss(0.4), LOG_PROBS, 1.2 + 0.4 * log(1 + odds(exp(-0.4)) / odds(exp(-1.2)))),
                Arguments.of(new SlicHfLoss(2, 0.3), LOG_PROBS, 2.8 + 0.36),
                Arguments.of(new SlicHfLoss(2, 0.3), new Pair(-1, -4, 1, 1, 0), 0.3));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("printed")
    void the_value_is_that_of_the_printed_formula(PairwiseLoss loss, Pair pair, double value) {
        assertThat(loss.pair(pair).value()).isCloseTo(value, within(1e-13 * Math.max(1, value)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void slopes_are_the_derivatives_of_the_value(PairwiseLoss loss) {
        List<Pair> pairs = List.of(
                LOG_PROBS, new Pair(-0.05, -2.3, 7, 2, 2.5), new Pair(-3.1, -0.7, 2, 9, 0.2),
                new Pair(-0.8, -6.3, 5, 5, 1));
        for (Pair pair : loss.baseline() == Baseline.NONE ? pairs : signed(pairs)) {
            PairTerm term = loss.pair(pair);
            double chosen = derivative(c -> loss.pair(with(pair, c, pair.rejected())).value(), pair.chosen());
            double rejected = derivative(r -> loss.pair(with(pair, pair.chosen(), r)).value(), pair.rejected());
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
    void not_a_number_in_gives_not_a_number_out(PairwiseLoss loss) {
        assertThat(loss.pair(new Pair(Double.NaN, -1, 2, 3, 1)).value()).isNaN();
        assertThat(loss.pair(new Pair(-1, Double.NaN, 2, 3, 1)).value()).isNaN();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void what_both_scores_share_cancels_in_objectives_of_the_margin_and_in_no_others(PairwiseLoss loss) {
        Pair shifted = new Pair(LOG_PROBS.chosen() - 0.7, LOG_PROBS.rejected() - 0.7, 4, 3, 0.5);
        double change = loss.pair(shifted).value() - loss.pair(LOG_PROBS).value();
        boolean marginAlone = loss instanceof MarginLoss || loss instanceof RDpoLoss || loss instanceof OdpoLoss
                || loss instanceof RpoLoss;
        if (marginAlone) {
            assertThat(change).isCloseTo(0, within(1e-15));
        } else {
            assertThat(Math.abs(change)).isGreaterThan(1e-3);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void an_objective_says_what_its_scores_are(PairwiseLoss loss) {
        boolean free = loss instanceof SimPoLoss || loss instanceof AlphaPoLoss || loss instanceof CpoLoss
                || loss instanceof OrpoLoss || loss instanceof SlicHfLoss;
        boolean perToken = loss instanceof SimPoLoss || loss instanceof AlphaPoLoss || loss instanceof OrpoLoss
                || loss instanceof SigmoidNormLoss;
        assertThat(loss.baseline()).isEqualTo(free ? Baseline.NONE : Baseline.REFERENCE);
        assertThat(loss.reduction()).isEqualTo(perToken ? Reduction.MEAN : Reduction.SUM);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void the_reward_scale_is_beta_where_there_is_one(PairwiseLoss loss) throws ReflectiveOperationException {
        if (loss instanceof OrpoLoss || loss instanceof SlicHfLoss) {
            assertThat(loss.rewardScale()).isEmpty();
        } else {
            double beta = (double) loss.getClass().getMethod("beta").invoke(loss);
            assertThat(loss.rewardScale()).isEqualTo(OptionalDouble.of(beta));
        }
    }

    @Test
    void a_swap_of_the_completions_is_a_change_of_sign() {
        double x = 0.3 * 5;
        assertThat(at(new RobustLoss(0.3, 0.2), 5) - at(new RobustLoss(0.3, 0.2), -5)).isCloseTo(-x / 0.6, close());
        assertThat(at(new SigmoidNormLoss(0.3, 0.2), 5) - at(new SigmoidNormLoss(0.3, 0.2), -5))
                .isCloseTo(-x * 0.6, close());
        RDpoLoss longer = new RDpoLoss(0.3, 0.02);
        assertThat(longer.pair(SUMS).value() - longer.pair(swapped(SUMS)).value()).isCloseTo(0.2 - x, close());
        for (RpoLoss.Distance distance : RpoLoss.Distance.values()) {
            RpoLoss loss = new RpoLoss(distance, 0.3, 0.6);
            assertThat(loss.pair(swapped(SUMS)).value()).isCloseTo(loss.pair(SUMS).value(), close());
        }
        ApoZeroLoss anchored = new ApoZeroLoss(0.3);
        assertThat(anchored.pair(SUMS).value() + anchored.pair(swapped(SUMS)).value()).isCloseTo(2, close());
        ChiPoLoss chi = new ChiPoLoss(0.1, 4);
        assertThat(chi.pair(SUMS).value() - chi.pair(swapped(SUMS)).value())
                .isCloseTo(-0.1 * (exp(2) - exp(-3) + 5), close());
    }

    @Test
    void objectives_of_a_target_for_each_completion_are_the_same_for_opposite_roles() {
        Pair opposite = new Pair(3, -2, 10, 20, 1.5);
        for (PairwiseLoss loss : List.of(
                new BcoPairLoss(0.3), new SppoHardLoss(0.3), new ApoZeroLoss(0.3), new CalDpoLoss(0.3))) {
            assertThat(loss.pair(opposite).value()).isCloseTo(loss.pair(SUMS).value(), close());
            assertThat(loss.pair(opposite).chosenSlope()).isCloseTo(-loss.pair(SUMS).rejectedSlope(), close());
        }
    }

    @Test
    void where_a_parameter_vanishes_the_parent_objective_is_left() {
        SigmoidLoss dpo = new SigmoidLoss(0.3, 0);
        for (PairwiseLoss child : List.of(
                new RobustLoss(0.3, 0), new SigmoidNormLoss(0.3, 0), new DpopLoss(0.3, 0), new RDpoLoss(0.3, 0),
                new OdpoLoss(0.3, 0, OdpoLoss.Scale.LOG), new OdpoLoss(0.3, 0, OdpoLoss.Scale.LINEAR),
                new SimPoLoss(0.3, 0), new AlphaPoLoss(0.3, 0, 0), new CpoLoss(0.3, 0, 0),
                new RpoLoss(RpoLoss.Distance.BWD_KL, 0.3, 1e3))) {
            for (Pair pair : List.of(SUMS, swapped(new Pair(2, -3, 10, 20, -1.5)), LOG_PROBS)) {
                assertClose(child.pair(pair), dpo.pair(pair), 1e-14);
            }
        }
        assertClose(new RDpoLoss(0.3, 9).pair(new Pair(2, -3, 7, 7, 0)), dpo.pair(SUMS), 1e-14);
        assertClose(
                new OdpoLoss(0.3, 9, OdpoLoss.Scale.LOG).pair(new Pair(2, -3, 7, 7, 1)), dpo.pair(SUMS), 1e-14);
        assertClose(
                new AlphaPoLoss(2, 1e-9, 0.5).pair(LOG_PROBS), new SimPoLoss(2, 0.5).pair(LOG_PROBS), 1e-8);
        assertClose(new RobustLoss(0.3, 1e-9).pair(SUMS), dpo.pair(SUMS), 1e-8);
        // e^s ≈ 1 + s near the reference: DPO of twice the β.
        Pair near = new Pair(1e-6, -2e-6, 1, 1, 0);
        assertClose(new ChiPoLoss(0.3, 1).pair(near), new SigmoidLoss(0.6, 0).pair(near), 2e-6);
    }

    @Test
    void objectives_are_sums_of_others_where_their_formulas_are() {
        PairTerm calibrated = new CalDpoLoss(0.3).pair(SUMS);
        PairTerm targets = new SppoHardLoss(0.3).pair(SUMS);
        PairTerm margin = new SigmoidLoss(1, 0).pair(SUMS);
        assertClose(
                calibrated,
                new PairTerm(
                        targets.value() + margin.value(),
                        targets.chosenSlope() + margin.chosenSlope(),
                        targets.rejectedSlope() + margin.rejectedSlope()),
                1e-14);
        Pair gapOfTheLabel = new Pair(2, -3, 1, 1, log(0.95 / 0.05));
        assertClose(
                new ExoPairLoss(0.3, 0.05).pair(SUMS),
                new RpoLoss(RpoLoss.Distance.FWD_KL, 0.3, 1).pair(gapOfTheLabel),
                1e-14);
        PairTerm hinge = new HingeLoss(1 / 4.0).pair(LOG_PROBS);
        assertClose(
                new SlicHfLoss(4, 0).pair(LOG_PROBS),
                new PairTerm(4 * hinge.value(), 4 * hinge.chosenSlope(), 4 * hinge.rejectedSlope()),
                1e-14);
        assertClose(new OrpoLoss(0).pair(LOG_PROBS), new PairTerm(1.2, -1, 0), 1e-15);
    }

    @Test
    void a_bounded_objective_has_its_minimum_where_the_margin_meets_its_target() {
        MarginTerm exo = new ExoPairLoss(0.3, 0.05).at(log(19) / 0.3);
        assertThat(exo.value()).isCloseTo(0, within(1e-15));
        assertThat(exo.slope()).isCloseTo(0, within(1e-15));
        for (RpoLoss.Distance distance : RpoLoss.Distance.values()) {
            PairTerm met = new RpoLoss(distance, 0.5, 2).pair(new Pair(2, -4, 1, 1, 1.5));
            assertClose(met, new PairTerm(0, 0, 0), 1e-15);
        }
        assertClose(new SppoHardLoss(0.25).pair(new Pair(2, -2, 1, 1, 0)), new PairTerm(0, 0, 0), 1e-15);
    }

    @Test
    void smoothed_labels_bound_the_exo_loss_at_both_ends() {
        ExoPairLoss exo = new ExoPairLoss(0.1, 0.05);
        assertThat(exo.at(1e4).value()).isCloseTo(-log(0.95), within(1e-15));
        assertThat(exo.at(-1e4).value()).isCloseTo(-log(0.05), within(1e-14));
    }

    @Test
    void discopop_tends_to_the_logistic_loss_for_margins_to_minus_infinity() {
        MarginTerm published = new DiscoPopLoss(0.1, 0.05).at(-1e4);
        assertThat(published.value()).isCloseTo(1000, within(1e-12));
        assertThat(published.slope()).isCloseTo(-0.1, within(1e-15));
        MarginTerm one = new DiscoPopLoss(0.1, 1).at(-1e4);
        assertThat(one.value()).isCloseTo(1001, within(1e-12));
        assertThat(one.slope()).isCloseTo(-0.1, within(1e-15));
        // The exponent −x + x/τ is 500, and e^500 is replaced by the tangent of the exponential at 80.
        MarginTerm wide = new DiscoPopLoss(0.1, 2).at(-1e4);
        double e80 = exp(80);
        assertThat(wide.value()).isCloseTo(e80 * 421, within(1e-12 * e80));
        assertThat(wide.slope()).isCloseTo(-0.1 * e80 / 2, within(1e-13 * e80));
    }

    @Test
    void discopop_tends_to_the_exponential_loss_to_the_last_digit_for_margins_to_infinity() {
        MarginTerm term = new DiscoPopLoss(0.1, 0.05).at(4000);
        assertThat(term.value()).isCloseTo(exp(-400), within(1e-14 * exp(-400)));
        assertThat(term.slope()).isCloseTo(-0.1 * exp(-400), within(1e-14 * exp(-400)));
    }

    @Test
    void dpo_positive_pays_for_a_fall_of_the_chosen_completion_only() {
        DpopLoss loss = new DpopLoss(0.3, 5);
        PairTerm atTheKink = loss.pair(new Pair(0, -3, 1, 1, 0));
        assertClose(atTheKink, new SigmoidLoss(0.3, 0).at(3), 1e-15);
        PairTerm fallen = loss.pair(new Pair(-1, -3, 1, 1, 0));
        assertThat(fallen.chosenSlope()).isCloseTo(-6 * fallen.rejectedSlope(), close());
    }

    @Test
    void the_longer_the_chosen_completion_the_less_its_pair_pulls_under_a_price_of_length() {
        RDpoLoss loss = new RDpoLoss(0.3, 0.1);
        assertThat(loss.pair(new Pair(0, 0, 30, 10, 0)).value()).isCloseTo(nll(2), close());
        assertThat(loss.pair(new Pair(0, 0, 10, 30, 0)).value()).isCloseTo(nll(-2), close());
    }

    @Test
    void clipped_margins_have_no_gradient_from_the_bound_on() {
        ChiPoLoss loss = new ChiPoLoss(1, 2.5);
        assertThat(loss.pair(new Pair(0, 0, 1, 1, 0)).chosenSlope()).as("½ φ′(0)").isEqualTo(-1);
        assertClose(loss.pair(new Pair(4, 0, 1, 1, 0)), new PairTerm(nll(5), 0, 0), 1e-15);
        assertClose(loss.pair(new Pair(0, 4, 1, 1, 0)), new PairTerm(nll(-5), 0, 0), 1e-14);
        PairTerm atTheBound = new ChiPoLoss(1, exp(1) / 2).pair(new Pair(1, 0, 1, 1, 0));
        assertThat(atTheBound.chosenSlope()).isZero();
    }

    @Test
    void the_hinge_of_slic_has_no_gradient_from_its_margin_on() {
        SlicHfLoss loss = new SlicHfLoss(2, 0.3);
        assertClose(loss.pair(new Pair(-1, -3, 1, 1, 0)), new PairTerm(0.3, -0.3, 0), 1e-15);
        assertClose(loss.pair(new Pair(-1, -2.5, 1, 1, 0)), new PairTerm(0.8, -1.3, 1), 1e-15);
    }

    @Test
    void a_certain_completion_has_finite_odds() {
        OrpoLoss loss = new OrpoLoss(0.4);
        PairTerm certainlyChosen = loss.pair(new Pair(0, -0.7, 1, 1, 0));
        assertThat(certainlyChosen.value()).isCloseTo(0, within(1e-30));
        assertThat(certainlyChosen.chosenSlope()).isCloseTo(-1 - 0.4 * odds(exp(-0.7)), within(1e-12));
        PairTerm certainlyRejected = loss.pair(new Pair(-0.7, 0, 1, 1, 0));
        assertThat(certainlyRejected.value())
                .isCloseTo(0.7 + 0.4 * (80 - log(odds(exp(-0.7)))), within(1e-12));
        assertThat(certainlyRejected.rejectedSlope()).isCloseTo(0.4 * exp(80), within(1e-12 * exp(80)));
    }

    @Test
    void rewards_of_alphapo_go_on_as_a_tangent_where_they_would_overflow() {
        AlphaPoLoss loss = new AlphaPoLoss(0.5, 2, 0);
        // r_w = 0.5 (1 − e^200) / 2, where e^200 is replaced by e^80 · 121.
        PairTerm term = loss.pair(new Pair(-100, 0, 1, 1, 0));
        assertThat(term.value()).isCloseTo(exp(80) * 121 / 4, within(1e-13 * exp(80)));
        assertThat(term.chosenSlope()).isCloseTo(-exp(80) / 2, within(1e-14 * exp(80)));
    }

    @Test
    void a_pair_without_ratings_is_refused_by_objectives_of_ratings() {
        Pair unrated = new Pair(2, -3, 10, 20, Double.NaN);
        assertRefused(
                () -> new OdpoLoss(0.1, 1, OdpoLoss.Scale.LINEAR).pair(unrated),
                "rating gap of a pair must be finite, got NaN (odpo needs data with a rating of both completions)");
        assertRefused(
                () -> new OdpoLoss(0.1, 1, OdpoLoss.Scale.LOG).pair(unrated),
                "rating gap of a pair must be finite, got NaN (odpo needs data with a rating of both completions)");
        assertRefused(
                () -> new RpoLoss(RpoLoss.Distance.SQ, 0.1, 1).pair(new Pair(2, -3, 10, 20, Double.POSITIVE_INFINITY)),
                "rating gap of a pair must be finite, got Infinity (rpo needs data with a rating of both completions)");
        OdpoLoss logarithmic = new OdpoLoss(0.1, 1, OdpoLoss.Scale.LOG);
        for (double gap : new double[] {0, -0.5}) {
            assertRefused(
                    () -> logarithmic.pair(new Pair(2, -3, 10, 20, gap)),
                    "rating gap of a pair, for odpo with scale log, must be positive and finite, got " + gap);
        }
        assertThat(new OdpoLoss(0.1, 1, OdpoLoss.Scale.LINEAR).pair(new Pair(2, -3, 10, 20, -0.5)).value())
                .isCloseTo(nll(1), close());
    }

    @Test
    void a_rate_of_flipped_labels_is_below_one_half() {
        for (double rate : new double[] {-0.1, 0.5, Double.NaN}) {
            String refused = "label_smoothing must be in [0.0, 0.5), got " + rate;
            assertRefused(() -> new RobustLoss(0.1, rate), refused);
            assertRefused(() -> new SigmoidNormLoss(0.1, rate), refused);
            assertRefused(() -> new CpoLoss(0.1, rate, 1), refused);
        }
        assertRefused(() -> new ExoPairLoss(0.1, 0.5), "label_smoothing must be in [0.0, 0.5), got 0.5");
        assertRefused(() -> new ExoPairLoss(0.1, 0), "label_smoothing must be positive and finite, got 0.0");
    }

    @Test
    void scales_are_positive_and_finite() {
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String beta = "beta must be positive and finite, got " + scale;
            for (ThrowingCallable made : List.<ThrowingCallable>of(
                    () -> new RobustLoss(scale, 0.1), () -> new ExoPairLoss(scale, 0.1),
                    () -> new DiscoPopLoss(scale, 0.1), () -> new SigmoidNormLoss(scale, 0.1),
                    () -> new NcaPairLoss(scale), () -> new BcoPairLoss(scale), () -> new SppoHardLoss(scale),
                    () -> new ApoZeroLoss(scale), () -> new ApoDownLoss(scale), () -> new DpopLoss(scale, 1),
                    () -> new CalDpoLoss(scale), () -> new ChiPoLoss(scale, 1), () -> new RDpoLoss(scale, 1),
                    () -> new OdpoLoss(scale, 1, OdpoLoss.Scale.LOG),
                    () -> new RpoLoss(RpoLoss.Distance.SQ, scale, 1), () -> new SimPoLoss(scale, 1),
                    () -> new AlphaPoLoss(scale, 1, 1), () -> new CpoLoss(scale, 0, 1))) {
                assertRefused(made, beta);
            }
            assertRefused(() -> new DiscoPopLoss(0.1, scale), "tau must be positive and finite, got " + scale);
            assertRefused(() -> new ChiPoLoss(0.1, scale), "max_reward must be positive and finite, got " + scale);
            assertRefused(
                    () -> new RpoLoss(RpoLoss.Distance.SQ, 1, scale), "eta must be positive and finite, got " + scale);
        }
    }

    @Test
    void weights_and_margins_are_at_least_zero_and_finite() {
        for (double weight : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
            String refused = " must be at least 0 and finite, got " + weight;
            assertRefused(() -> new DpopLoss(0.1, weight), "lambda" + refused);
            assertRefused(() -> new RDpoLoss(0.1, weight), "alpha" + refused);
            assertRefused(() -> new OdpoLoss(0.1, weight, OdpoLoss.Scale.LOG), "alpha" + refused);
            assertRefused(() -> new SimPoLoss(0.1, weight), "gamma" + refused);
            assertRefused(() -> new AlphaPoLoss(0.1, 1, weight), "gamma" + refused);
            assertRefused(() -> new CpoLoss(0.1, 0, weight), "nll_weight" + refused);
            assertRefused(() -> new OrpoLoss(weight), "lambda" + refused);
            assertRefused(() -> new SlicHfLoss(weight, 0), "delta" + refused);
            assertRefused(() -> new SlicHfLoss(1, weight), "lambda" + refused);
        }
        for (double shape : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertRefused(() -> new AlphaPoLoss(0.1, shape, 0), "alpha must be finite, got " + shape);
        }
    }

    private static void assertRefused(ThrowingCallable made, String message) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessage(message);
    }

    private static void assertClose(PairTerm actual, MarginTerm expected, double tolerance) {
        assertClose(actual, PairTerm.ofMargin(expected.value(), expected.slope()), tolerance);
    }

    private static void assertClose(PairTerm actual, PairTerm expected, double tolerance) {
        assertThat(actual.value()).isCloseTo(expected.value(), within(tolerance));
        assertThat(actual.chosenSlope()).isCloseTo(expected.chosenSlope(), within(tolerance));
        assertThat(actual.rejectedSlope()).isCloseTo(expected.rejectedSlope(), within(tolerance));
    }

    private static Offset<Double> close() {
        return within(1e-14);
    }

    private static double at(MarginLoss loss, double margin) {
        return loss.at(margin).value();
    }

    /** The other completion chosen: scores, lengths and the sign of the gap change places. */
    private static Pair swapped(Pair pair) {
        return new Pair(
                pair.rejected(), pair.chosen(), pair.rejectedTokens(), pair.chosenTokens(), -pair.ratingGap());
    }

    private static Pair with(Pair pair, double chosen, double rejected) {
        return new Pair(chosen, rejected, pair.chosenTokens(), pair.rejectedTokens(), pair.ratingGap());
    }

    /** Log-ratios have either sign. */
    private static List<Pair> signed(List<Pair> pairs) {
        return pairs.stream()
                .flatMap(pair -> Stream.of(
                        pair, with(pair, -pair.chosen(), pair.rejected()),
                        with(pair, pair.chosen(), -pair.rejected())))
                .toList();
    }

    /** Central difference of the sixth order. */
    private static double derivative(DoubleUnaryOperator f, double x) {
        double h = 2e-3;
        return (45 * (f.applyAsDouble(x + h) - f.applyAsDouble(x - h))
                        - 9 * (f.applyAsDouble(x + 2 * h) - f.applyAsDouble(x - 2 * h))
                        + f.applyAsDouble(x + 3 * h) - f.applyAsDouble(x - 3 * h))
                / (60 * h);
    }

    private static double sigma(double x) {
        return 1 / (1 + exp(-x));
    }

    /** −log σ(x). */
    private static double nll(double x) {
        return log(1 + exp(-x));
    }

    private static double odds(double p) {
        return p / (1 - p);
    }

    private static double kl(double p, double q) {
        return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q));
    }
}
