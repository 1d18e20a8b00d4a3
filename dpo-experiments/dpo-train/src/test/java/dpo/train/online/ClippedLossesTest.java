package dpo.train.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import org.junit.jupiter.api.Test;

class ClippedLossesTest {

    private static final ClippedSurrogate SURROGATE = new ClippedSurrogate(0.2);
    private static final double[][] OLD = {{-1, -2, -0.5}, {-3, -1.5}};
    private static final double[][] NOW = {{-1.1, -1.5, -0.8}, {-2.9, -1.5}};
    /** Ratios 0.90, 1.65, 0.74, 1.11, 1: one clipped above by a good action, one below by a bad one. */
    private static final double[][] ADVANTAGES = {{0.7, 1.3, -0.4}, {-2, 0.6}};

    private static LossEvaluation surrogate(double[]... now) {
        return SURROGATE.evaluate(TokenLogProbs.ofRows(now), TokenLogProbs.ofRows(OLD), ADVANTAGES, 5);
    }

    @Test
    void the_surrogate_is_the_mean_of_the_larger_of_free_and_clipped_terms() {
        double expected = (-0.7 * Math.exp(-0.1) - 1.3 * 1.2 + 0.4 * 0.8 + 2 * Math.exp(0.1) - 0.6) / 5;
        assertThat(surrogate(NOW).value()).isCloseTo(expected, within(1e-14));
        assertThat(SURROGATE.clipped(TokenLogProbs.ofRows(NOW), TokenLogProbs.ofRows(OLD)))
                .isEqualTo(2);
    }

    @Test
    void the_gradient_of_the_surrogate_equals_finite_differences_and_vanishes_where_it_is_clipped() {
        double[][] now = {NOW[0].clone(), NOW[1].clone()};
        LossEvaluation evaluation = surrogate(NOW);
        for (int row = 0; row < now.length; row++) {
            for (int t = 0; t < now[row].length; t++) {
                now[row][t] = NOW[row][t] + 1e-6;
                double above = surrogate(now).value();
                now[row][t] = NOW[row][t] - 1e-6;
                double below = surrogate(now).value();
                now[row][t] = NOW[row][t];
                assertThat(evaluation.gradient().row(row)[t]).isCloseTo((above - below) / 2e-6, within(1e-9));
            }
        }
        assertThat(evaluation.gradient().row(0)[1]).isZero();
        assertThat(evaluation.gradient().row(0)[2]).isZero();
    }

    @Test
    void at_the_policy_that_sampled_the_gradient_is_that_of_reinforce() {
        LossEvaluation evaluation = surrogate(OLD);
        assertThat(evaluation.gradient().row(0)).containsExactly(new double[] {-0.14, -0.26, 0.08}, within(1e-15));
    }

    @Test
    void parts_of_an_update_add_up() {
        LossEvaluation whole = surrogate(NOW);
        double parts = 0;
        for (int row = 0; row < 2; row++) {
            LossEvaluation part = SURROGATE.evaluate(
                    TokenLogProbs.ofRows(NOW[row]),
                    TokenLogProbs.ofRows(OLD[row]),
                    new double[][] {ADVANTAGES[row]},
                    5);
            assertThat(part.gradient().row(0)).containsExactly(whole.gradient().row(row));
            parts += part.value();
        }
        assertThat(parts).isCloseTo(whole.value(), within(1e-15));
    }

    @Test
    void the_gradient_of_the_value_loss_equals_finite_differences() {
        ClippedValueLoss loss = new ClippedValueLoss(0.5);
        double[][] old = {{1, 2, 0}, {0, 3}};
        double[][] returns = {{2, 1}, {-1}};
        double[][] values = {{1.2, 3.1, 7}, {0.9, 4}};
        ClippedValueLoss.Evaluation evaluation = loss.evaluate(values, old, returns, 3);
        // 0.8² within the clip; 2.1² beyond it, larger than 1.5²; 1.9² beyond it, larger than 1.5².
        assertThat(evaluation.value()).isCloseTo((0.64 + 4.41 + 3.61) / 6, within(1e-14));
        for (int row = 0; row < values.length; row++) {
            for (int t = 0; t < values[row].length; t++) {
                double at = values[row][t];
                values[row][t] = at + 1e-6;
                double above = loss.evaluate(values, old, returns, 3).value();
                values[row][t] = at - 1e-6;
                double below = loss.evaluate(values, old, returns, 3).value();
                values[row][t] = at;
                assertThat(evaluation.gradient()[row][t]).isCloseTo((above - below) / 2e-6, within(1e-8));
            }
        }
        assertThat(evaluation.gradient()[0][2]).isZero();
    }

    @Test
    void a_value_that_moved_past_its_clip_towards_the_return_has_no_gradient() {
        ClippedValueLoss.Evaluation evaluation = new ClippedValueLoss(0.1)
                .evaluate(new double[][] {{1, 0}}, new double[][] {{0, 0}}, new double[][] {{2}}, 1);
        assertThat(evaluation.value()).isCloseTo(0.5 * 1.9 * 1.9, within(1e-14));
        assertThat(evaluation.gradient()[0]).containsExactly(0, 0);
    }
}
