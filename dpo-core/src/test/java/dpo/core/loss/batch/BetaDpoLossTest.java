package dpo.core.loss.batch;

import static dpo.core.loss.PairExamples.nll;
import static java.lang.Math.exp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.Rows;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** DPO whose β follows the margins: values and gradients by hand, limits. */
class BetaDpoLossTest {

    @Test
    void beta_of_a_step_follows_its_mean_margin() {
        // Margins 5 and −1, so that M is 1, and 0.25 of it the moving average.
        PreferenceLogProbs step = Rows.pairs(2, -3, -1, 0);
        LossEvaluation evaluation = Rows.evaluate(new BetaDpoLoss(0.5, 0.4, BetaDpoLoss.Level.BATCH, 0.75), step);
        double beta = 0.5 * (1 + 0.4 * 0.75);
        assertThat(evaluation.carried()).isEqualTo(Map.of("margin", 0.25));
        assertThat(evaluation.value()).isCloseTo((nll(5 * beta) + nll(-beta)) / 2, within(1e-15));
        double first = beta * sigma(-5 * beta) / 2;
        double second = beta * sigma(beta) / 2;
        assertThat(evaluation.gradient().toArray())
                .containsExactly(new double[] {-first, first, -second, second}, within(1e-15));
    }

    @Test
    void beta_of_a_pair_follows_its_own_margin() {
        PreferenceLogProbs step = Rows.pairs(2, -3, -1, 0).withWeights(new double[] {1, 3});
        LossEvaluation evaluation = Rows.evaluate(new BetaDpoLoss(0.5, 0.4, BetaDpoLoss.Level.PAIR, 0.75), step);
        double first = 0.5 * (1 + 0.4 * (2.5 - 0.25));
        double second = 0.5 * (1 + 0.4 * (-0.5 - 0.25));
        assertThat(evaluation.carried()).isEqualTo(Map.of("margin", 0.25));
        assertThat(evaluation.value()).isCloseTo((nll(5 * first) + 3 * nll(-second)) / 2, within(1e-15));
    }

    @Test
    void the_moving_average_of_margins_is_carried_to_the_next_step() {
        BetaDpoLoss loss = new BetaDpoLoss(0.5, 0.4, BetaDpoLoss.Level.BATCH, 0.75);
        PreferenceLogProbs step = Rows.pairs(2, -3, -1, 0);
        LossEvaluation next = loss.evaluate(step, Normalizer.of(step).carrying(Map.of("margin", 2.0)));
        assertThat(next.carried()).isEqualTo(Map.of("margin", 1.75));
        double beta = 0.5 * (1 + 0.4 * (1 - 1.75));
        assertThat(next.value()).isCloseTo((nll(5 * beta) + nll(-beta)) / 2, within(1e-15));
        assertThat(loss.needs()).containsExactly(Need.WHOLE_STEP);
    }

    @Test
    void beta_stays_above_a_thousandth() {
        PreferenceLogProbs step = Rows.pairs(0, 20, 0, 10);
        LossEvaluation evaluation = Rows.evaluate(new BetaDpoLoss(0.5, 2, BetaDpoLoss.Level.BATCH, 0.9), step);
        assertThat(evaluation.value()).isCloseTo((nll(-0.02) + nll(-0.01)) / 2, within(1e-15));
    }

    @Test
    void beta_dpo_with_alpha_zero_is_dpo() {
        PreferenceLogProbs pairs = PreferenceExamples.random(5, 3);
        for (BetaDpoLoss.Level level : BetaDpoLoss.Level.values()) {
            assertThat(Rows.evaluate(new BetaDpoLoss(0.3, 0, level, 0.9), pairs).value())
                    .isCloseTo(Rows.evaluate(new SigmoidLoss(0.3, 0), pairs).value(), within(1e-15));
        }
        BetaDpoLoss loss = new BetaDpoLoss(0.3, 0, BetaDpoLoss.Level.BATCH, 0.9);
        String refused = "completions must be two, chosen and rejected, got 3";
        assertRefused(() -> loss.requireUsable(Label.ordered(3)), refused);
        assertRefused(() -> Rows.evaluate(loss, Rows.list(List.of(), 1, 2, 3)), refused);
    }

    @Test
    void beta_dpo_refuses_a_beta_below_the_floor_of_the_adapted_one() {
        assertRefused(
                () -> new BetaDpoLoss(5e-4, 1, BetaDpoLoss.Level.PAIR, 0),
                "beta must be at least 0.001, the lower limit of β_j, got 5.0E-4");
    }

    private static double sigma(double x) {
        return 1 / (1 + exp(-x));
    }

    private static void assertRefused(ThrowingCallable made, String message) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessage(message);
    }
}
