package dpo.core.loss.batch;

import static dpo.core.loss.PairExamples.nll;
import static java.lang.Math.exp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Rows;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Losses of sorted scores: values and gradients by hand, invariance, invalid data. */
class TransportLossesTest {

    @Test
    void aot_compares_the_sorted_margins_of_policy_and_reference() {
        // Policy margins 3 and −1, reference margins 1 and 2: sorted −1 against 1 and 3 against 2.
        PreferenceLogProbs step =
                PreferenceExamples.ofPairs(column(-1, -3), column(-4, -2), column(-1, -2), column(-2, -4));
        LossEvaluation evaluation = Rows.evaluate(new AotLoss(0.5, 0.1), step);
        double expected = 0.5 * (0.9 * nll(-1) + 0.1 * nll(1) + 0.9 * nll(0.5) + 0.1 * nll(-0.5));
        assertThat(evaluation.value()).isCloseTo(expected, within(1e-15));
        double ofFirst = 0.25 * (-0.9 * sigma(-0.5) + 0.1 * sigma(0.5));
        double ofSecond = 0.25 * (-0.9 * sigma(1) + 0.1 * sigma(-1));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(new double[] {ofFirst, -ofFirst, ofSecond, -ofSecond}, within(1e-15));
    }

    @Test
    void aot_unpaired_compares_the_sorted_log_ratios_of_both_sides() {
        // Chosen 2 and −1, rejected 0 and −3: sorted −1 against −3 and 2 against 0.
        LossEvaluation evaluation = Rows.evaluate(new AotUnpairedLoss(0.5, 0), Rows.pairs(2, -3, -1, 0));
        assertThat(evaluation.value()).isCloseTo(nll(1), within(1e-15));
        double slope = 0.25 * sigma(-1);
        assertThat(evaluation.gradient().toArray())
                .containsExactly(new double[] {-slope, slope, -slope, slope}, within(1e-15));
        PreferenceLogProbs uneven = Rows.pairs(3, -3, -1, 0);
        double[] gradient =
                Rows.evaluate(new AotUnpairedLoss(0.5, 0), uneven).gradient().toArray();
        assertThat(gradient)
                .containsExactly(
                        new double[] {-0.25 * sigma(-1.5), 0.25 * sigma(-1), -0.25 * sigma(-1), 0.25 * sigma(-1.5)},
                        within(1e-15));
    }

    @Test
    void aot_with_one_pair_per_step_is_sigmoid() {
        PreferenceLogProbs pair = Rows.pairs(1.5, -0.5);
        double sigmoid = Rows.evaluate(new SigmoidLoss(0.5, 0.2), pair).value();
        assertThat(Rows.evaluate(new AotLoss(0.5, 0.2), pair).value()).isCloseTo(sigmoid, within(1e-15));
        assertThat(Rows.evaluate(new AotUnpairedLoss(0.5, 0.2), pair).value()).isCloseTo(sigmoid, within(1e-15));
    }

    @Test
    void aot_unpaired_does_not_depend_on_the_pairing_of_completions() {
        PreferenceLogProbs step = Rows.pairs(2, -3, -1, 0, 0.5, 4);
        PreferenceLogProbs exchanged = Rows.pairs(2, 0, -1, 4, 0.5, -3);
        AotUnpairedLoss loss = new AotUnpairedLoss(0.5, 0.1);
        assertThat(Rows.evaluate(loss, exchanged).value())
                .isCloseTo(Rows.evaluate(loss, step).value(), within(1e-15));
    }

    @Test
    void aot_refuses_lists_and_weights_other_than_one() {
        for (PreferenceLoss loss : List.of(new AotLoss(0.1, 0), new AotUnpairedLoss(0.1, 0))) {
            String type = PreferenceLoss.typeOf(loss.getClass());
            assertThat(loss.needs()).containsExactlyInAnyOrder(Need.WHOLE_STEP, Need.EQUAL_WEIGHTS);
            String weight = "weight must be 1 for " + type + ", whose terms belong to no single pair, got 0.5";
            assertRefused(() -> loss.requireUsable(Label.ordered(2).withWeight(0.5)), weight);
            PreferenceLogProbs step = Rows.pairs(1, 2, 3, 4).withWeights(new double[] {1, 0.5});
            assertRefused(() -> Rows.evaluate(loss, step), weight);
            assertRefused(
                    () -> loss.requireUsable(Label.ordered(3)), "completions must be two, chosen and rejected, got 3");
            assertThatIllegalArgumentException().isThrownBy(() -> new GroupWeighted(loss, new GroupWeights.Equal()));
        }
    }

    private static TokenLogProbs column(double first, double second) {
        return TokenLogProbs.ofRows(new double[] {first}, new double[] {second});
    }

    private static double sigma(double x) {
        return 1 / (1 + exp(-x));
    }

    private static void assertRefused(ThrowingCallable made, String message) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessage(message);
    }
}
