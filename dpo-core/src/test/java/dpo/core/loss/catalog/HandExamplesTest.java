package dpo.core.loss.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PairEvaluation;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values and gradients computed by hand. */
class HandExamplesTest {

    /** Scores: s_w = (−1+3) + (−1+1) = 2 over two tokens; s_l = (−4+1) = −3 over one token. So Δ = 5. */
    private static final PreferenceLogProbs PAIR = PreferenceExamples.ofPairs(
            TokenLogProbs.ofRows(new double[] {-1, -1}),
            TokenLogProbs.ofRows(new double[] {-4}),
            TokenLogProbs.ofRows(new double[] {-3, -1}),
            TokenLogProbs.ofRows(new double[] {-1}));

    /** Groups a, b, b with the weights 1, 2 and 3; Δ = 1, 0 and −2. */
    private static final PreferenceLogProbs GROUPS = new PreferenceLogProbs(
            TokenLogProbs.ofRows(row(-1), row(-1), row(-1), row(-1), row(-3), row(-1)),
            TokenLogProbs.ofRows(row(-2), row(-1), row(-1), row(-1), row(-1), row(-1)),
            Labels.of(List.of(
                    new Label(2, List.of(), "a", 1),
                    new Label(2, List.of(), "b", 2),
                    new Label(2, List.of(), "b", 3))));

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
    void the_total_loss_of_the_theory_page_is_preference_plus_beta_times_sft() {
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

    @Test
    void a_group_weighted_loss_is_the_weighted_sum_of_the_mean_losses_of_its_groups() {
        GroupWeighted grouped =
                new GroupWeighted(new IpoLoss(0.5, Reduction.SUM), new GroupWeights.Own(Map.of("a", 3.0, "b", 0.5)));
        // ℓ = (Δ − 1)² = 0, 1, 9: L_a = 1·0 and L_b = (2·1 + 3·9)/2.
        PairEvaluation evaluation = evaluate(grouped, GROUPS);
        assertClose(evaluation.value(), 3.0 * 0 + 0.5 * 29 / 2);
        // ∂/∂s_w of 0.5 · (2·(Δ−1)²)/2 at Δ = 0, and of 0.5 · (3·(Δ−1)²)/2 at Δ = −2.
        assertThat(evaluation.chosen()).containsExactly(new double[] {0, -1, -4.5}, within(1e-15));
    }

    @Test
    void a_group_without_a_weight_is_refused_by_name() {
        GroupWeighted grouped = new GroupWeighted(new HingeLoss(0.1), new GroupWeights.Own(Map.of("a", 1.0)));
        assertThatThrownBy(() -> evaluate(grouped, GROUPS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("group must have a weight, got b (known: [a])");
        assertThatThrownBy(() -> new GroupWeights.Own(Map.of("a", Double.NaN)))
                .hasMessageContaining("group weight must be finite and at least 0, got NaN (group a)");
    }

    @Test
    void a_group_absent_from_a_step_adds_nothing_and_the_mean_over_steps_is_the_whole() {
        GroupWeighted grouped =
                new GroupWeighted(new IpoLoss(0.5, Reduction.SUM), new GroupWeights.Own(Map.of("a", 3.0, "b", 0.5)));
        Map<String, Double> shares = Normalizer.of(GROUPS).groupShares();
        double mean = 0;
        for (int pair = 0; pair < 3; pair++) {
            mean += grouped.evaluate(GROUPS.slice(pair, pair + 1), new Normalizer(1, 2, 1, shares, Map.of()))
                            .value()
                    / 3;
        }
        assertClose(mean, evaluate(grouped, GROUPS).value());
    }

    @Test
    void equal_weights_count_every_source_alike_and_weights_by_size_every_pair() {
        IpoLoss ipo = new IpoLoss(0.5, Reduction.SUM);
        // ℓ = 0 of a, 1 and 9 of b with weights 2 and 3.
        assertClose(
                evaluate(new GroupWeighted(ipo, new GroupWeights.Equal()), GROUPS)
                        .value(),
                (0 + 29 / 2.0) / 2);
        assertClose(
                evaluate(new GroupWeighted(ipo, new GroupWeights.BySize()), GROUPS)
                        .value(),
                29 / 3.0);
    }

    @Test
    void a_group_robust_loss_moves_weight_to_the_worst_source_and_carries_it() {
        GroupRobust robust = new GroupRobust(new IpoLoss(0.5, Reduction.SUM), 0.1);
        LossEvaluation first = robust.evaluate(GROUPS, Normalizer.of(GROUPS));
        // L_a = 0 and L_b = 14.5, from equal weights.
        double ofB = Math.exp(1.45) / (1 + Math.exp(1.45));
        assertClose(first.value(), ofB * 14.5);
        assertThat(first.terms()).containsEntry("group/a", 0.0).containsEntry("group/b", 14.5);
        assertClose(first.carried().get("group/b"), ofB);
        LossEvaluation second = robust.evaluate(GROUPS, Normalizer.of(GROUPS).carrying(first.carried()));
        assertClose(second.carried().get("group/b"), Math.exp(2.9) / (1 + Math.exp(2.9)));
        // Where a alone is seen, b keeps its weight and adds nothing.
        PreferenceLogProbs onlyA = GROUPS.slice(0, 1);
        Normalizer step = Normalizer.of(onlyA).carrying(first.carried());
        LossEvaluation third =
                robust.evaluate(onlyA, new Normalizer(1, 2, 1, Map.of("a", 0.5, "b", 0.5), step.carried()));
        assertClose(third.carried().get("group/b"), ofB);
        assertThat(third.value()).isZero();
    }

    /** Chosen: turns of scores 1 and −2 (two tokens); rejected: turns of scores 0.5 and 1. */
    private static PreferenceLogProbs twoTurns() {
        TokenShape chosen = TokenShape.ofTurns(new int[] {1, 2});
        TokenShape rejected = TokenShape.ofTurns(new int[] {1, 1});
        return PreferenceExamples.ofPairs(
                TokenLogProbs.of(chosen, new double[] {-1, -2, -2}),
                TokenLogProbs.of(rejected, new double[] {-1, -1}),
                TokenLogProbs.of(chosen, new double[] {-2, -1, -1}),
                TokenLogProbs.of(rejected, new double[] {-1.5, -2}));
    }

    @Test
    void a_multi_turn_loss_is_of_the_sum_over_turns() {
        IpoLoss ipo = new IpoLoss(0.5, Reduction.SUM);
        // All: (1 − 2) − (0.5 + 1) = −2.5; last: −2 − 1 = −3; discount 0.5: (0.5 − 2) − (0.25 + 1) = −2.75.
        assertClose(
                evaluate(new TurnWeighted(ipo, new TurnWeights.All()), twoTurns())
                        .value(),
                3.5 * 3.5);
        assertClose(evaluate(ipo, twoTurns()).value(), 3.5 * 3.5);
        assertClose(
                evaluate(new TurnWeighted(ipo, new TurnWeights.Last()), twoTurns())
                        .value(),
                16);
        PairEvaluation discounted = evaluate(new TurnWeighted(ipo, new TurnWeights.Discounted(0.5)), twoTurns());
        assertClose(discounted.value(), 3.75 * 3.75);
        assertThat(discounted.chosen()).containsExactly(-3.75, -7.5, -7.5);
        assertThat(discounted.rejected()).containsExactly(3.75, 7.5);
        // Own weights 3 and 0: 3 · (1 − 0.5) = 1.5.
        PairEvaluation own = evaluate(new TurnWeighted(ipo, new TurnWeights.Own(List.of(3.0, 0.0))), twoTurns());
        assertClose(own.value(), 0.25);
        assertThat(own.chosen()).containsExactly(3, 0, 0);
    }

    @Test
    void turns_without_weight_do_not_count_in_a_mean_over_tokens() {
        TurnWeighted last = new TurnWeighted(new IpoLoss(0.5, Reduction.MEAN), new TurnWeights.Last());
        // −2 / 2 tokens − 1 / 1 token = −2.
        assertClose(evaluate(last, twoTurns()).value(), 9);
    }

    @Test
    void more_turns_than_own_weights_are_refused() {
        TurnWeighted own = new TurnWeighted(new HingeLoss(1), new TurnWeights.Own(List.of(1.0)));
        assertThatThrownBy(() -> evaluate(own, twoTurns()))
                .hasMessage("turn weights must cover every turn (2), got 1 weights");
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
        // Means: (2 + 2)/3 − (2 − 3)/2 = 11/6 in place of 4.
        PairEvaluation mean = evaluate(new IpoLoss(0.25, Reduction.MEAN), withSharedPrefix());
        assertClose(mean.value(), Math.pow(11 / 6.0 - 2, 2));
    }

    @Test
    void beta_is_that_of_the_inner_objective_or_1() {
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
