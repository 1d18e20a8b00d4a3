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
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Losses that weight groups and turns: values and gradients worked out on paper. */
class GroupAndTurnWeightsTest {

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
    void a_group_absent_from_a_step_adds_nothing_and_the_mean_over_steps_is_the_loss_of_the_whole_data() {
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
        // If only a occurs, b keeps its weight and adds nothing.
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

    private static PairEvaluation evaluate(PreferenceLoss loss, PreferenceLogProbs logProbs) {
        return PairEvaluation.of(loss, logProbs);
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-14 * Math.max(1, Math.abs(expected))));
    }
}
