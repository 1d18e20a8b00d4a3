package dpo.core.loss.pairwise;

import static dpo.core.loss.PairExamples.LOG_PROBS;
import static dpo.core.loss.PairExamples.SUMS;
import static dpo.core.loss.PairExamples.assertClose;
import static dpo.core.loss.PairExamples.nll;
import static dpo.core.loss.PairExamples.odds;
import static dpo.core.loss.PairExamples.swapped;
import static java.lang.Math.exp;
import static java.lang.Math.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.MarginLoss.MarginTerm;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.PairwiseLoss.Pair;
import dpo.core.loss.PairwiseLoss.PairTerm;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Symmetries, limits, minima and ends of single pairwise objectives. */
class PairwiseLimitsTest {

    @Test
    void a_swap_of_the_completions_is_a_change_of_sign() {
        double x = 0.3 * 5;
        assertThat(at(new RobustLoss(0.3, 0.2), 5) - at(new RobustLoss(0.3, 0.2), -5))
                .isCloseTo(-x / 0.6, close());
        assertThat(at(new SigmoidNormLoss(0.3, 0.2), 5) - at(new SigmoidNormLoss(0.3, 0.2), -5))
                .isCloseTo(-x * 0.6, close());
        RDpoLoss longer = new RDpoLoss(0.3, 0.02);
        assertThat(longer.pair(SUMS).value() - longer.pair(swapped(SUMS)).value())
                .isCloseTo(0.2 - x, close());
        for (RpoLoss.Distance distance : RpoLoss.Distance.values()) {
            RpoLoss loss = new RpoLoss(distance, 0.3, 0.6);
            assertThat(loss.pair(swapped(SUMS)).value())
                    .isCloseTo(loss.pair(SUMS).value(), close());
        }
        ApoZeroLoss anchored = new ApoZeroLoss(0.3);
        assertThat(anchored.pair(SUMS).value() + anchored.pair(swapped(SUMS)).value())
                .isCloseTo(2, close());
        ChiPoLoss chi = new ChiPoLoss(0.1, 4);
        assertThat(chi.pair(SUMS).value() - chi.pair(swapped(SUMS)).value())
                .isCloseTo(-0.1 * (exp(2) - exp(-3) + 5), close());
    }

    @Test
    void objectives_of_a_target_for_each_completion_are_the_same_for_opposite_roles() {
        Pair opposite = new Pair(3, -2, 10, 20, 1.5);
        for (PairwiseLoss loss :
                List.of(new BcoPairLoss(0.3), new SppoHardLoss(0.3), new ApoZeroLoss(0.3), new CalDpoLoss(0.3))) {
            assertThat(loss.pair(opposite).value()).isCloseTo(loss.pair(SUMS).value(), close());
            assertThat(loss.pair(opposite).chosenSlope())
                    .isCloseTo(-loss.pair(SUMS).rejectedSlope(), close());
        }
    }

    @Test
    void objectives_reduce_to_their_parent_if_a_parameter_vanishes() {
        SigmoidLoss dpo = new SigmoidLoss(0.3, 0);
        for (PairwiseLoss child : List.of(
                new RobustLoss(0.3, 0),
                new SigmoidNormLoss(0.3, 0),
                new DpopLoss(0.3, 0),
                new RDpoLoss(0.3, 0),
                new OdpoLoss(0.3, 0, OdpoLoss.Scale.LOG),
                new OdpoLoss(0.3, 0, OdpoLoss.Scale.LINEAR),
                new SimPoLoss(0.3, 0),
                new AlphaPoLoss(0.3, 0, 0),
                new CpoLoss(0.3, 0, 0),
                new RpoLoss(RpoLoss.Distance.BWD_KL, 0.3, 1e3))) {
            for (Pair pair : List.of(SUMS, swapped(new Pair(2, -3, 10, 20, -1.5)), LOG_PROBS)) {
                assertClose(child.pair(pair), dpo.pair(pair), 1e-14);
            }
        }
        assertClose(new RDpoLoss(0.3, 9).pair(new Pair(2, -3, 7, 7, 0)), dpo.pair(SUMS), 1e-14);
        assertClose(new OdpoLoss(0.3, 9, OdpoLoss.Scale.LOG).pair(new Pair(2, -3, 7, 7, 1)), dpo.pair(SUMS), 1e-14);
        assertClose(new AlphaPoLoss(2, 1e-9, 0.5).pair(LOG_PROBS), new SimPoLoss(2, 0.5).pair(LOG_PROBS), 1e-8);
        assertClose(new RobustLoss(0.3, 1e-9).pair(SUMS), dpo.pair(SUMS), 1e-8);
        // e^s ≈ 1 + s near the reference: DPO of twice the β.
        Pair near = new Pair(1e-6, -2e-6, 1, 1, 0);
        assertClose(new ChiPoLoss(0.3, 1).pair(near), new SigmoidLoss(0.6, 0).pair(near), 2e-6);
    }

    @Test
    void objectives_equal_sums_of_other_objectives_as_in_their_formulas() {
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
    void discopop_tends_to_the_exponential_loss_for_margins_to_infinity() {
        MarginTerm term = new DiscoPopLoss(0.1, 0.05).at(4000);
        assertThat(term.value()).isCloseTo(exp(-400), within(1e-14 * exp(-400)));
        assertThat(term.slope()).isCloseTo(-0.1 * exp(-400), within(1e-14 * exp(-400)));
    }

    @Test
    void dpo_positive_penalises_only_a_decrease_of_the_chosen_log_prob() {
        DpopLoss loss = new DpopLoss(0.3, 5);
        PairTerm atTheKink = loss.pair(new Pair(0, -3, 1, 1, 0));
        assertClose(atTheKink, new SigmoidLoss(0.3, 0).at(3), 1e-15);
        PairTerm fallen = loss.pair(new Pair(-1, -3, 1, 1, 0));
        assertThat(fallen.chosenSlope()).isCloseTo(-6 * fallen.rejectedSlope(), close());
    }

    @Test
    void the_gradient_of_r_dpo_decreases_with_the_length_of_the_chosen_completion() {
        RDpoLoss loss = new RDpoLoss(0.3, 0.1);
        assertThat(loss.pair(new Pair(0, 0, 30, 10, 0)).value()).isCloseTo(nll(2), close());
        assertThat(loss.pair(new Pair(0, 0, 10, 30, 0)).value()).isCloseTo(nll(-2), close());
    }

    @Test
    void clipped_margins_have_no_gradient_beyond_the_bound() {
        ChiPoLoss loss = new ChiPoLoss(1, 2.5);
        assertThat(loss.pair(new Pair(0, 0, 1, 1, 0)).chosenSlope())
                .as("½ φ′(0)")
                .isEqualTo(-1);
        assertClose(loss.pair(new Pair(4, 0, 1, 1, 0)), new PairTerm(nll(5), 0, 0), 1e-15);
        assertClose(loss.pair(new Pair(0, 4, 1, 1, 0)), new PairTerm(nll(-5), 0, 0), 1e-14);
        PairTerm atTheBound = new ChiPoLoss(1, exp(1) / 2).pair(new Pair(1, 0, 1, 1, 0));
        assertThat(atTheBound.chosenSlope()).isZero();
    }

    @Test
    void the_hinge_of_slic_has_no_gradient_beyond_its_margin() {
        SlicHfLoss loss = new SlicHfLoss(2, 0.3);
        assertClose(loss.pair(new Pair(-1, -3, 1, 1, 0)), new PairTerm(0.3, -0.3, 0), 1e-15);
        assertClose(loss.pair(new Pair(-1, -2.5, 1, 1, 0)), new PairTerm(0.8, -1.3, 1), 1e-15);
    }

    @Test
    void a_completion_of_probability_1_has_finite_odds() {
        OrpoLoss loss = new OrpoLoss(0.4);
        PairTerm certainlyChosen = loss.pair(new Pair(0, -0.7, 1, 1, 0));
        assertThat(certainlyChosen.value()).isCloseTo(0, within(1e-30));
        assertThat(certainlyChosen.chosenSlope()).isCloseTo(-1 - 0.4 * odds(exp(-0.7)), within(1e-12));
        PairTerm certainlyRejected = loss.pair(new Pair(-0.7, 0, 1, 1, 0));
        assertThat(certainlyRejected.value()).isCloseTo(0.7 + 0.4 * (80 - log(odds(exp(-0.7)))), within(1e-12));
        assertThat(certainlyRejected.rejectedSlope()).isCloseTo(0.4 * exp(80), within(1e-12 * exp(80)));
    }

    @Test
    void rewards_of_alphapo_are_replaced_by_a_tangent_before_they_overflow() {
        AlphaPoLoss loss = new AlphaPoLoss(0.5, 2, 0);
        // r_w = 0.5 (1 − e^200) / 2, where e^200 is replaced by e^80 · 121.
        PairTerm term = loss.pair(new Pair(-100, 0, 1, 1, 0));
        assertThat(term.value()).isCloseTo(exp(80) * 121 / 4, within(1e-13 * exp(80)));
        assertThat(term.chosenSlope()).isCloseTo(-exp(80) / 2, within(1e-14 * exp(80)));
    }

    private static Offset<Double> close() {
        return within(1e-14);
    }

    private static double at(MarginLoss loss, double margin) {
        return loss.at(margin).value();
    }
}
