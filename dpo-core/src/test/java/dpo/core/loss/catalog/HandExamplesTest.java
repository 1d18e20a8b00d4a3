package dpo.core.loss.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.PairEvaluation;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values and gradients computed by hand. */
class HandExamplesTest {

    /** Scores: s_w = (−1+3) + (−1+1) = 2 over two tokens; s_l = (−4+1) = −3 over one token. So Δ = 5. */
    private static final PreferenceLogProbs PAIR = PreferenceExamples.ofPairs(
            TokenLogProbs.ofRows(new double[] {-1, -1}),
            TokenLogProbs.ofRows(new double[] {-4}),
            TokenLogProbs.ofRows(new double[] {-3, -1}),
            TokenLogProbs.ofRows(new double[] {-1}));

    private static double[] row(double... values) {
        return values;
    }

    @Test
    void sigmoid_is_minus_log_sigma_of_beta_delta() {
        PairEvaluation evaluation = evaluate(new SigmoidLoss(0.2, 0), PAIR);
        assertClose(evaluation.value(), Math.log1p(Math.exp(-1)));
        double slope = 0.2 / (1 + Math.exp(1));
        assertThat(evaluation.chosen()).containsExactly(new double[] {-slope, -slope}, within(1e-15));
        assertThat(evaluation.rejected()).containsExactly(new double[] {slope}, within(1e-15));
    }

    @Test
    void label_smoothing_mixes_in_the_flipped_label() {
        PairEvaluation evaluation = evaluate(new SigmoidLoss(0.2, 0.1), PAIR);
        assertClose(evaluation.value(), 0.9 * Math.log1p(Math.exp(-1)) + 0.1 * Math.log1p(Math.exp(1)));
        assertClose(evaluation.rejected()[0], 0.2 * (0.9 / (1 + Math.exp(1)) - 0.1 / (1 + Math.exp(-1))));
    }

    @Test
    void label_smoothing_has_its_minimum_at_the_log_odds_of_the_smoothed_label() {
        double minimum = Math.log(0.9 / 0.1) / 0.2;
        assertThat(new SigmoidLoss(0.2, 0.1).at(minimum).slope()).isCloseTo(0, within(1e-16));
        assertThat(new SigmoidLoss(0.2, 0.1).at(minimum + 1).slope()).isPositive();
    }

    @Test
    void ipo_is_the_squared_distance_from_its_target_margin() {
        PairEvaluation sum = evaluate(new IpoLoss(0.25, Reduction.SUM), PAIR);
        assertClose(sum.value(), 9);
        assertThat(sum.chosen()).containsExactly(6, 6);
        assertThat(sum.rejected()).containsExactly(-6);
        // Means: 2/2 − (−3)/1 = 4.
        PairEvaluation mean = evaluate(new IpoLoss(0.25, Reduction.MEAN), PAIR);
        assertClose(mean.value(), 4);
        assertThat(mean.chosen()).containsExactly(2, 2);
        assertThat(mean.rejected()).containsExactly(-4);
    }

    @Test
    void hinge_is_one_minus_the_margin_or_zero() {
        PairEvaluation evaluation = evaluate(new HingeLoss(0.1), PAIR);
        assertClose(evaluation.value(), 0.5);
        assertThat(evaluation.chosen()).containsExactly(-0.1, -0.1);
        assertThat(evaluation.rejected()).containsExactly(0.1);
        PairEvaluation beyond = evaluate(new HingeLoss(0.5), PAIR);
        assertThat(beyond.value()).isZero();
        assertThat(beyond.chosen()).containsExactly(0, 0);
        assertThat(new HingeLoss(0.2).at(5).slope()).as("at the kink").isZero();
    }

    @Test
    void sft_averages_over_completions_or_tokens_or_both() {
        PreferenceLogProbs pairs = PreferenceExamples.ofPairs(
                TokenLogProbs.ofRows(new double[] {-1, -2, -3}, new double[] {-4}),
                TokenLogProbs.ofRows(new double[] {-9}, new double[] {-9}),
                TokenLogProbs.ofRows(new double[] {-7, -7, -7}, new double[] {-7}),
                TokenLogProbs.ofRows(new double[] {-9}, new double[] {-9}));
        PairEvaluation sum = evaluate(new SftLoss(SftLoss.Average.SUM), pairs);
        assertClose(sum.value(), 5);
        assertThat(sum.chosen()).containsExactly(-0.5, -0.5, -0.5, -0.5);
        PairEvaluation tokens = evaluate(new SftLoss(SftLoss.Average.TOKEN_MEAN), pairs);
        assertClose(tokens.value(), 2.5);
        assertThat(tokens.chosen()).containsExactly(-0.25, -0.25, -0.25, -0.25);
        PairEvaluation both = evaluate(new SftLoss(SftLoss.Average.PAIR_MEAN), pairs);
        assertClose(both.value(), 3);
        assertThat(both.chosen()).containsExactly(new double[] {-1 / 6.0, -1 / 6.0, -1 / 6.0, -0.5}, within(1e-15));
        assertThat(sum.rejected()).containsOnly(0);
    }

    @Test
    void sft_on_its_own_rows_is_the_same_term() {
        TokenLogProbs rows = TokenLogProbs.ofRows(new double[] {-1, -2, -3}, new double[] {-4});
        LossEvaluation evaluation = new SftLoss(SftLoss.Average.PAIR_MEAN).evaluate(rows, 2, 4);
        assertClose(evaluation.value(), 3);
        assertThat(evaluation.gradient().row(1)).containsExactly(-0.5);
    }

    @Test
    void the_total_loss_is_preference_plus_beta_times_sft() {
        double beta = 0.2;
        WeightedSum total = new WeightedSum(List.of(
                new WeightedSum.Term("preference", 1, new SigmoidLoss(beta, 0)),
                new WeightedSum.Term("sft", beta, new SftLoss(SftLoss.Average.SUM))));
        PairEvaluation evaluation = evaluate(total, PAIR);
        double preference = Math.log1p(Math.exp(-1));
        assertClose(evaluation.value(), preference + 0.2 * 2);
        assertThat(evaluation.terms()).containsOnlyKeys("preference", "sft").containsEntry("sft", 2.0);
        assertClose(evaluation.terms().get("preference"), preference);
        double slope = 0.2 / (1 + Math.exp(1));
        assertThat(evaluation.chosen()).containsExactly(new double[] {-slope - 0.2, -slope - 0.2}, within(1e-15));
        assertThat(total.rewards(PAIR)).isEqualTo(new SigmoidLoss(beta, 0).rewards(PAIR));
    }

    /** One more token before both completions, with the same log-probabilities on both sides. */
    private static PreferenceLogProbs withSharedPrefix() {
        return PreferenceExamples.ofPairs(
                TokenLogProbs.ofRows(new double[] {-0.5, -1, -1}), TokenLogProbs.ofRows(new double[] {-0.5, -4}),
                TokenLogProbs.ofRows(new double[] {-2.5, -3, -1}), TokenLogProbs.ofRows(new double[] {-2.5, -1}));
    }

    @Test
    void a_shared_prefix_cancels_in_sum_losses_and_does_not_in_mean_losses() {
        for (PreferenceLoss sum :
                List.of(new SigmoidLoss(0.2, 0.1), new HingeLoss(0.1), new IpoLoss(0.25, Reduction.SUM))) {
            assertClose(
                    evaluate(sum, withSharedPrefix()).value(),
                    evaluate(sum, PAIR).value());
        }
        // Means: (2 + 2)/3 − (2 − 3)/2 = 11/6 instead of 4.
        PairEvaluation mean = evaluate(new IpoLoss(0.25, Reduction.MEAN), withSharedPrefix());
        assertClose(mean.value(), Math.pow(11 / 6.0 - 2, 2));
    }

    @Test
    void beta_is_the_beta_of_the_inner_objective_or_1() {
        assertThat(new SigmoidLoss(0.2, 0).beta()).isEqualTo(0.2);
        assertThat(new IpoLoss(0.3, Reduction.SUM).beta()).isEqualTo(0.3);
        assertThat(new HingeLoss(0.4).beta()).isEqualTo(0.4);
        assertThat(new SftLoss(SftLoss.Average.SUM).beta()).isEqualTo(1);
        HingeLoss hinge = new HingeLoss(0.4);
        assertThat(new GroupWeighted(hinge, new GroupWeights.Equal()).beta()).isEqualTo(0.4);
        assertThat(new TurnWeighted(hinge, new TurnWeights.All()).beta()).isEqualTo(0.4);
    }

    @Test
    void settings_out_of_range_are_refused() {
        for (double beta : new double[] {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String message = "beta must be positive and finite, got " + beta;
            assertThatThrownBy(() -> new SigmoidLoss(beta, 0)).hasMessage(message);
            assertThatThrownBy(() -> new IpoLoss(beta, Reduction.SUM)).hasMessage(message);
            assertThatThrownBy(() -> new HingeLoss(beta)).hasMessage(message);
        }
        for (double smoothing : new double[] {-0.1, 0.5, Double.NaN}) {
            assertThatThrownBy(() -> new SigmoidLoss(0.1, smoothing))
                    .hasMessage("label_smoothing must be in [0.0, 0.5), got " + smoothing);
        }
        assertThatThrownBy(() -> new TurnWeights.Discounted(0)).hasMessage("discount must be in (0, 1], got 0.0");
        assertThatThrownBy(() -> new TurnWeights.Own(List.of(-1.0))).hasMessageContaining("got -1.0");
        assertThatThrownBy(() -> new WeightedSum(List.of())).hasMessageContaining("at least one objective");
        WeightedSum.Term term = new WeightedSum.Term("hinge", 1, new HingeLoss(1));
        assertThatThrownBy(() -> new WeightedSum(List.of(term, term))).hasMessageContaining("[hinge, hinge]");
        assertThatThrownBy(() -> new WeightedSum.Term("x", Double.NaN, new HingeLoss(1)))
                .hasMessageContaining("x");
    }

    private static PairEvaluation evaluate(PreferenceLoss loss, PreferenceLogProbs logProbs) {
        return PairEvaluation.of(loss, logProbs);
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-14 * Math.max(1, Math.abs(expected))));
    }
}
