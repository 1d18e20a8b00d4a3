package dpo.core.loss.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Rows;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values and gradients computed by hand, and limits. */
class TokenLevelLossesTest {

    private static final TokenLogProbs POLICY = TokenLogProbs.ofRows(new double[] {-1, -1}, new double[] {-4});
    private static final TokenLogProbs REFERENCE = TokenLogProbs.ofRows(new double[] {-3, -1}, new double[] {-1});

    /** s_w = 2, s_l = −3, so Δ = 5; D_w = 1 + 0.5, D_l = 4. Of weight 3. */
    private static final PreferenceLogProbs PAIR = new PreferenceLogProbs(
            POLICY,
            REFERENCE,
            Labels.of(List.of(new Label(2, List.of(), "all", 3))),
            Map.of(TokenStatistic.REFERENCE_KL, TokenLogProbs.ofRows(new double[] {1, 0.5}, new double[] {4})),
            List.of());

    @Test
    void tdpo1_subtracts_the_difference_of_divergences_from_the_margin() {
        LossEvaluation evaluation = Rows.evaluate(new Tdpo1Loss(0.4), PAIR);
        // β (5 − (4 − 1.5)) = 1
        double slope = 3 * 0.4 / (1 + Math.exp(1));
        assertThat(evaluation.value()).isCloseTo(3 * Math.log1p(Math.exp(-1)), within(1e-14));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(new double[] {-slope, -slope, slope}, within(1e-14));
        assertThat(ofDivergences(evaluation)).containsExactly(new double[] {-slope, -slope, slope}, within(1e-14));
    }

    @Test
    void tdpo2_weights_the_difference_and_holds_the_divergence_of_the_chosen_completion_constant() {
        LossEvaluation evaluation = Rows.evaluate(new Tdpo2Loss(0.25, 0.4), PAIR);
        // β (5 − α (4 − 1.5)) = 1
        double slope = 3 * 0.25 / (1 + Math.exp(1));
        assertThat(evaluation.value()).isCloseTo(3 * Math.log1p(Math.exp(-1)), within(1e-14));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(new double[] {-slope, -slope, slope}, within(1e-14));
        assertThat(ofDivergences(evaluation)).containsExactly(new double[] {0, 0, 0.4 * slope}, within(1e-14));
    }

    @Test
    void tdpo2_without_its_correction_is_dpo() {
        PreferenceLogProbs pairs = PreferenceExamples.random(5, 3);
        LossEvaluation evaluation = Rows.evaluate(new Tdpo2Loss(0.3, 0), pairs);
        LossEvaluation dpo = Rows.evaluate(new SigmoidLoss(0.3, 0), pairs);
        assertThat(evaluation.value()).isCloseTo(dpo.value(), within(1e-14));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(dpo.gradient().toArray(), within(1e-14));
        assertThat(ofDivergences(evaluation)).containsOnly(0);
    }

    @Test
    void tdpo2_with_its_full_correction_has_the_value_of_tdpo1() {
        PreferenceLogProbs pairs = PreferenceExamples.random(5, 4);
        assertThat(Rows.evaluate(new Tdpo2Loss(0.3, 1), pairs).value())
                .isEqualTo(Rows.evaluate(new Tdpo1Loss(0.3), pairs).value());
    }

    @Test
    void the_weight_of_a_turn_also_applies_to_its_divergences() {
        PreferenceLogProbs pairs = PreferenceExamples.random(1, 5);
        double[] ofTurns = {0.5, 0, 2};
        PreferenceLoss weighted = new TurnWeighted(new Tdpo1Loss(0.4), new TurnWeights.Own(List.of(0.5, 0.0, 2.0)));
        double reward = 0;
        for (int row = 0; row < 2; row++) {
            double sum = 0;
            for (int turn = 0; turn < pairs.policy().shape().turns(row); turn++) {
                sum += ofTurns[turn]
                        * (pairs.policy().turnLogRatio(pairs.reference(), row, turn)
                                + pairs.statistic(TokenStatistic.REFERENCE_KL).turnSum(row, turn));
            }
            reward += row == 0 ? 0.4 * sum : -0.4 * sum;
        }
        double weight = pairs.labels().get(0).weight();
        assertThat(Rows.evaluate(weighted, pairs).value())
                .isCloseTo(weight * Math.log1p(Math.exp(-reward)), within(1e-13));
    }

    @Test
    void rewards_are_log_ratios_and_weighted_divergences_times_beta() {
        assertThat(new Tdpo1Loss(0.2).beta()).isEqualTo(0.2);
        assertThat(new Tdpo2Loss(0.3, 0.5).beta()).isEqualTo(0.3);
    }

    @Test
    void preferences_for_which_an_objective_is_undefined_are_refused() {
        assertThat(new Tdpo1Loss(0.1).needs()).containsExactly(Need.REFERENCE_KL);
        assertThat(new Tdpo2Loss(0.1, 0.5).needs()).containsExactly(Need.REFERENCE_KL);
        for (double beta : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(() -> new Tdpo1Loss(beta), "beta must be positive and finite, got " + beta);
            assertRefused(() -> new Tdpo2Loss(beta, 0.5), "beta must be positive and finite, got " + beta);
        }
        assertRefused(() -> new Tdpo2Loss(0.1, -0.5), "alpha must be at least 0 and finite, got -0.5");
        PreferenceLogProbs bare = new PreferenceLogProbs(POLICY, REFERENCE, PAIR.labels());
        assertRefused(
                () -> Rows.evaluate(new Tdpo1Loss(0.1), bare),
                "reference_kl must be given for an objective that needs it, got none");
        assertRefused(
                () -> new LengthDesensitized(new Tdpo2Loss(0.1, 0.5), 0.3),
                "ld_alpha must be absent for an objective of the divergence at each token, got 0.3");
        for (PreferenceLoss loss : List.of(new Tdpo1Loss(0.1), new Tdpo2Loss(0.1, 0.5))) {
            String pairs = "completions must be two, chosen and rejected, got 3";
            assertRefused(() -> loss.requireUsable(Label.ordered(3)), pairs);
            assertRefused(() -> Rows.evaluate(loss, PreferenceExamples.random(1, List.of(3))), pairs);
        }
    }

    private static void assertRefused(Runnable made, String message) {
        assertThatThrownBy(made::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static double[] ofDivergences(LossEvaluation evaluation) {
        return evaluation.statisticGradients().get(TokenStatistic.REFERENCE_KL).toArray();
    }
}
