package dpo.core.metric;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Rows;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreferenceMetricsTest {

    private static final PreferenceLoss DPO = new SigmoidLoss(0.5, 0);

    @Test
    void rewards_are_beta_times_log_ratios_and_a_tie_counts_as_half_right() {
        Map<String, Double> values = Measured.valuesOf(DPO, Measured.THREE_PAIRS);
        Measured.assertClose(values, "rewards/chosen", 0.5 * (1.5 - 1 - 2) / 3);
        Measured.assertClose(values, "rewards/rejected", 0.5 * (-0.25 - 1 + 0.5) / 3);
        Measured.assertClose(values, "rewards/margins", 0.5 * (1.75 + 0 - 2.5) / 3);
        Measured.assertClose(values, "rewards/accuracies", (1 + 0.5 + 0) / 3);
        Measured.assertClose(values, "rewards/ties", 1.0 / 3);
        Measured.assertClose(values, "chosen_log_prob_fell", 2.0 / 3);
        Measured.assertClose(values, "logps/chosen", -10.0 / 3);
        Measured.assertClose(values, "logps/rejected", -8.25 / 3);
        Measured.assertClose(values, "tokens/chosen", 4.0 / 3);
        Measured.assertClose(values, "tokens/rejected", 2);
    }

    @Test
    void the_divergence_is_the_mean_over_tokens_of_both_sides_of_r_minus_one_minus_log_r() {
        double[] logRatios = {1, 0.5, -1, -2, -0.25, 0, -1, 0.5, 0, 0};
        double sum = 0;
        for (double l : logRatios) {
            sum += Math.exp(l) - 1 - l;
        }
        Measured.assertClose(
                Measured.valuesOf(DPO, Measured.THREE_PAIRS), "forward_kl_per_token", sum / logRatios.length);
    }

    @Test
    void tokens_with_the_frequencies_of_the_reference_give_the_exact_divergence() {
        // Tokens of a two-token vocabulary with the frequencies of π_ref = (3/4, 1/4); π = (1/2, 1/2).
        double[] policy = {Math.log(0.5), Math.log(0.5), Math.log(0.5), Math.log(0.5)};
        double[] reference = {Math.log(0.75), Math.log(0.75), Math.log(0.75), Math.log(0.25)};
        PreferenceLogProbs samples = PreferenceExamples.ofPairs(
                TokenLogProbs.ofRows(policy), TokenLogProbs.ofRows(policy),
                TokenLogProbs.ofRows(reference), TokenLogProbs.ofRows(reference));
        Measured.assertClose(
                Measured.valuesOf(DPO, samples), "forward_kl_per_token", 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5));
    }

    @Test
    void alignment_ratios_are_means_of_the_ratio_and_of_its_log() {
        Map<String, Double> values = Measured.valuesOf(DPO, Measured.THREE_PAIRS);
        Measured.assertClose(
                values,
                "alignment/policy_log_mean_ratio",
                Math.log((Math.exp(-1.75) + Math.exp(1) + Math.exp(-1)) / 3));
        Measured.assertClose(values, "alignment/policy_mean_log_ratio", -1.75 / 3);
        Measured.assertClose(
                values,
                "alignment/reference_log_mean_ratio",
                Math.log((Math.exp(-3.5) + Math.exp(1) + Math.exp(1.5)) / 3));
        Measured.assertClose(values, "alignment/reference_mean_log_ratio", -1.0 / 3);
    }

    @Test
    void several_groups_have_separate_metrics() {
        Map<String, Double> values = Measured.valuesOf(DPO, Measured.THREE_PAIRS);
        Measured.assertClose(values, "groups/a/rewards/accuracies", 0.5);
        Measured.assertClose(values, "groups/a/rewards/margins", 0);
        Measured.assertClose(values, "groups/a/pairs", 1);
        Measured.assertClose(values, "groups/b/rewards/accuracies", 0.5);
        Measured.assertClose(values, "groups/b/rewards/margins", 0.5 * (1.75 - 2.5) / 2);
        Measured.assertClose(values, "groups/b/pairs", 2);
        assertThat(Measured.valuesOf(DPO, Measured.THREE_PAIRS.slice(0, 1)).keySet())
                .noneMatch(name -> name.startsWith("groups/"));
    }

    @Test
    void several_turns_have_separate_metrics() {
        TokenShape chosen = TokenShape.ofTurns(new int[] {1, 2}, new int[] {1});
        TokenShape rejected = TokenShape.ofTurns(new int[] {2, 1}, new int[] {1, 1});
        PreferenceLogProbs twoTurns = PreferenceExamples.ofPairs(
                TokenLogProbs.of(chosen, new double[] {-1, -2, -3, -4}),
                TokenLogProbs.of(rejected, new double[] {-1, -1, -1, -1, -1}),
                TokenLogProbs.of(chosen, new double[] {-2, -1, -1, -5}),
                TokenLogProbs.of(rejected, new double[] {-1, -1, -1, -1, -2}));
        Map<String, Double> values = Measured.valuesOf(DPO, twoTurns);
        Measured.assertClose(values, "turns/1/rewards/margins", 0.5 * (1 + 1) / 2);
        Measured.assertClose(values, "turns/1/rewards/accuracies", 1);
        Measured.assertClose(values, "turns/1/pairs", 2);
        Measured.assertClose(values, "turns/2/rewards/margins", 0.5 * (-1 - 2));
        Measured.assertClose(values, "turns/2/rewards/accuracies", 0);
        Measured.assertClose(values, "turns/2/pairs", 1);
        assertThat(Measured.valuesOf(DPO, Measured.THREE_PAIRS).keySet()).noneMatch(name -> name.startsWith("turns/"));
    }

    @Test
    void rewards_without_a_reference_are_of_the_policy_and_nothing_of_a_reference_is_measured() {
        PreferenceLogProbs alone =
                PreferenceLogProbs.withoutReference(Measured.THREE_PAIRS.policy(), Measured.THREE_PAIRS.labels());
        Map<String, Double> values = Measured.valuesOf(new SimPoLoss(2, 0.5), alone);
        Measured.assertClose(values, "rewards/chosen", 2 * (-1.5 - 3 - 4) / 3);
        Measured.assertClose(values, "rewards/rejected", 2 * (-1.25 - 2 - 1) / 3);
        Measured.assertClose(values, "rewards/accuracies", 0);
        assertThat(values).containsKeys("rewards/brier", "alignment/policy_mean_log_ratio");
        assertThat(values.keySet()).noneMatch(name -> name.contains("reference") || name.contains("fell"));
    }

    @Test
    void turns_have_the_reward_of_their_own_tokens_times_their_weight() {
        TokenShape two = TokenShape.ofTurns(new int[] {1, 3});
        PreferenceLogProbs pair = PreferenceExamples.ofPairs(
                TokenLogProbs.of(two, new double[] {-1, -2, -2, -5}),
                TokenLogProbs.of(two, new double[] {-2, -1, -1, -1}),
                TokenLogProbs.of(two, new double[4]),
                TokenLogProbs.of(two, new double[4]));
        Map<String, Double> ofMeans = Measured.valuesOf(new SimPoLoss(2, 0), pair);
        Measured.assertClose(ofMeans, "turns/1/rewards/margins", 2);
        Measured.assertClose(ofMeans, "turns/2/rewards/margins", 2 * (-3 + 1));
        Map<String, Double> weighted =
                Measured.valuesOf(new TurnWeighted(DPO, new TurnWeights.Own(List.of(0.0, 3.0))), pair);
        Measured.assertClose(weighted, "turns/1/rewards/margins", 0);
        Measured.assertClose(weighted, "turns/2/rewards/margins", 0.5 * 3 * (-9 + 3));
        Measured.assertClose(weighted, "rewards/margins", 0.5 * 3 * (-9 + 3));
    }

    @Test
    void any_split_into_batches_gives_the_same_values_in_the_same_order() {
        PreferenceMetrics split = new PreferenceMetrics(DPO);
        split.add(Measured.THREE_PAIRS.slice(0, 1));
        split.add(Measured.THREE_PAIRS.slice(1, 3));
        assertThat(split.values()).containsExactlyEntriesOf(Measured.valuesOf(DPO, Measured.THREE_PAIRS));
        assertThat(split.values().keySet()).startsWith("rewards/chosen", "rewards/rejected", "rewards/margins");
    }

    @Test
    void a_policy_equal_to_its_reference_has_only_ties_and_no_divergence() {
        PreferenceLogProbs equal = new PreferenceLogProbs(
                Measured.THREE_PAIRS.policy(), Measured.THREE_PAIRS.policy(), Measured.THREE_PAIRS.labels());
        assertThat(Measured.valuesOf(DPO, equal))
                .containsEntry("rewards/ties", 1.0)
                .containsEntry("rewards/accuracies", 0.5)
                .containsEntry("rewards/calibration_error", 0.0)
                .containsEntry("rewards/calibration_error_floor", 0.0)
                .containsEntry("forward_kl_per_token", 0.0)
                .containsEntry("chosen_log_prob_fell", 0.0);
    }

    @Test
    void huge_log_ratios_give_finite_values() {
        TokenLogProbs likely = TokenLogProbs.ofRows(new double[] {-1, -2});
        TokenLogProbs hopeless = TokenLogProbs.ofRows(new double[] {-1e5, -1e5});
        assertThat(Measured.valuesOf(DPO, PreferenceExamples.ofPairs(likely, hopeless, hopeless, likely))
                        .values())
                .allSatisfy(value -> assertThat(value).isFinite());
    }

    @Test
    void nan_is_reported_and_not_counted_as_wrong() {
        TokenLogProbs nan = TokenLogProbs.ofRows(new double[] {Double.NaN});
        TokenLogProbs fine = TokenLogProbs.ofRows(new double[] {-1});
        assertThat(Measured.valuesOf(DPO, PreferenceExamples.ofPairs(nan, fine, fine, fine)))
                .containsEntry("rewards/accuracies", Double.NaN)
                .containsEntry("rewards/ties", Double.NaN)
                .containsEntry("chosen_log_prob_fell", Double.NaN)
                .containsEntry("forward_kl_per_token", Double.NaN)
                .containsEntry("alignment/policy_log_mean_ratio", Double.NaN)
                .containsEntry("rewards/rejected", 0.0);
    }

    @Test
    void a_list_counts_as_all_its_pairs_and_its_best_completion_is_the_chosen_one() {
        // Scores 2, 0 and 1: margins 2, 1 and −1.
        PreferenceLogProbs list = new PreferenceLogProbs(
                TokenLogProbs.ofRows(Measured.row(-1), Measured.row(-2), Measured.row(-3)),
                TokenLogProbs.ofRows(Measured.row(-3), Measured.row(-2), Measured.row(-4)),
                Labels.of(List.of(Label.ordered(3))));
        Map<String, Double> values = Measured.valuesOf(DPO, list);
        Measured.assertClose(values, "rewards/margins", 0.5 * (2 + 1 - 1) / 3);
        Measured.assertClose(values, "rewards/accuracies", 2.0 / 3);
        Measured.assertClose(values, "rewards/chosen", 0.5 * 2);
        Measured.assertClose(values, "rewards/rejected", 0.5 * (0 + 1) / 2);
    }

    @Test
    void labelled_completions_are_chosen_or_rejected_and_make_no_pairs() {
        PreferenceLogProbs labelled = new PreferenceLogProbs(
                TokenLogProbs.ofRows(Measured.row(-1), Measured.row(-2)),
                TokenLogProbs.ofRows(Measured.row(-3), Measured.row(-1)),
                Labels.of(List.of(Label.desirable(true), Label.desirable(false))));
        assertThat(Measured.valuesOf(DPO, labelled))
                .containsEntry("rewards/chosen", 1.0)
                .containsEntry("rewards/rejected", -0.5)
                .containsEntry("logps/chosen", -1.0)
                .doesNotContainKeys("rewards/margins", "rewards/accuracies", "alignment/policy_mean_log_ratio");
    }

    @Test
    void completions_of_a_list_with_equal_ratings_are_not_compared() {
        PreferenceLogProbs list = Rows.list(List.of(2.0, 1.0, 1.0), 3, 1, 2);
        Measured.assertClose(Measured.valuesOf(DPO, list), "rewards/margins", 0.5 * (2 + 1) / 2);
        Measured.assertClose(Measured.valuesOf(DPO, Rows.list(List.of(1.0, 1.0), 3, 1)), "rewards/margins", 0.5 * 2);
    }

    @Test
    void no_pairs_give_no_values() {
        assertThat(new PreferenceMetrics(DPO).values()).isEmpty();
    }
}
