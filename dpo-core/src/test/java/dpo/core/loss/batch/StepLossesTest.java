package dpo.core.loss.batch;

import static dpo.core.loss.PairExamples.nll;
import static java.lang.Math.exp;
import static java.lang.Math.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Rows;
import dpo.core.loss.pairwise.ApoZeroLoss;
import dpo.core.loss.pairwise.BcoPairLoss;
import dpo.core.sequence.Label;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Whole steps of pairs and of labelled completions: values and gradients by hand, limits, invalid data. */
class StepLossesTest {

    private static final Label DESIRABLE = Label.desirable(true);
    private static final Label UNDESIRABLE = Label.desirable(false);

    @Test
    void kto_values_completions_against_the_mean_of_mismatched_log_ratios() {
        PreferenceLogProbs step = Rows.withMismatched(
                Rows.ofLogRatios(List.of(DESIRABLE, UNDESIRABLE.withWeight(2), DESIRABLE), 1, -0.5, 3), 0.5, -0.2, 0.9);
        LossEvaluation evaluation = Rows.evaluate(new KtoLoss(0.5, 1.5, 0.8), step);
        double z = 0.4;
        assertThat(evaluation.value())
                .isCloseTo(
                        (1.5 * sigma(-0.5 * (1 - z)) + 2 * 0.8 * sigma(0.5 * (-0.5 - z)) + 1.5 * sigma(-0.5 * (3 - z)))
                                / 3,
                        within(1e-15));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(
                        new double[] {
                            -0.5 * 1.5 * bell(0.5 * (1 - z)) / 3,
                            0.5 * 2 * 0.8 * bell(0.5 * (-0.5 - z)) / 3,
                            -0.5 * 1.5 * bell(0.5 * (3 - z)) / 3
                        },
                        within(1e-15));
    }

    @Test
    void all_completions_of_pairs_count_in_the_reference_point_of_kto() {
        PreferenceLogProbs pairs = Rows.withMismatched(Rows.pairs(1, -0.5, 2, 3), 0.5, -0.2, 0.9, 0.4);
        PreferenceLogProbs labelled = Rows.withMismatched(
                Rows.ofLogRatios(List.of(DESIRABLE, UNDESIRABLE, DESIRABLE, UNDESIRABLE), 1, -0.5, 2, 3),
                0.5,
                -0.2,
                0.9,
                0.4);
        KtoLoss kto = new KtoLoss(0.5, 1, 1);
        LossEvaluation evaluation = Rows.evaluate(kto, pairs);
        assertThat(evaluation.value())
                .isCloseTo(
                        (sigma(-0.5 * 0.6) + sigma(0.5 * -0.9) + sigma(-0.5 * 1.6) + sigma(0.5 * 2.6)) / 4,
                        within(1e-15));
        assertThat(Rows.evaluate(kto, labelled)).usingRecursiveComparison().isEqualTo(evaluation);
    }

    @Test
    void the_reference_point_of_kto_is_not_negative() {
        PreferenceLogProbs step = Rows.ofLogRatios(List.of(DESIRABLE, UNDESIRABLE), 1, -0.5);
        double zero =
                Rows.evaluate(new ApoZeroUnpairedLoss(0.5, 1.5, 0.8), step).value();
        KtoLoss kto = new KtoLoss(0.5, 1.5, 0.8);
        assertThat(Rows.evaluate(kto, Rows.withMismatched(step, -3.0, 1.0)).value())
                .isEqualTo(zero);
        assertThat(Rows.evaluate(kto, Rows.withMismatched(step, -3.0, 4.0)).value())
                .isNotEqualTo(zero);
        assertThat(Rows.evaluate(kto, Rows.withMismatched(step, Double.NaN, 4.0))
                        .value())
                .isNaN();
        assertRefused(
                () -> Rows.evaluate(kto, step), "mismatched must hold one log-ratio per completion for kto, got none");
        assertThat(kto.needs()).containsExactlyInAnyOrder(Need.WHOLE_STEP, Need.MISMATCHED);
    }

    @Test
    void a_pair_is_a_desirable_and_an_undesirable_completion() {
        PreferenceLogProbs pairs = Rows.pairs(1, -0.5, 2, 3);
        PreferenceLogProbs labelled =
                Rows.ofLogRatios(List.of(DESIRABLE, UNDESIRABLE, DESIRABLE, UNDESIRABLE), 1, -0.5, 2, 3);
        for (PreferenceLoss loss : List.of(new ApoZeroUnpairedLoss(0.5, 1.5, 0.8), new BcoLoss(0.5))) {
            LossEvaluation ofPairs = Rows.evaluate(loss, pairs);
            LossEvaluation ofLabels = Rows.evaluate(loss, labelled);
            assertThat(ofPairs.value()).isCloseTo(ofLabels.value(), within(1e-15));
            assertThat(ofPairs.gradient().toArray())
                    .containsExactly(ofLabels.gradient().toArray(), within(1e-15));
        }
        assertThat(Rows.evaluate(new ApoZeroUnpairedLoss(0.5, 1, 1), pairs).value())
                .isCloseTo(Rows.evaluate(new ApoZeroLoss(0.5), pairs).value() / 2, within(1e-15));
    }

    @Test
    void bco_shifts_rewards_by_the_mean_of_all_earlier_ones() {
        BcoLoss bco = new BcoLoss(0.5);
        PreferenceLogProbs first = Rows.ofLogRatios(List.of(DESIRABLE, UNDESIRABLE, DESIRABLE), 1, -2, 4);
        LossEvaluation evaluation = Rows.evaluate(bco, first);
        // Rewards 0.5, −1 and 2, of mean 0.5.
        assertThat(evaluation.carried()).isEqualTo(Map.of("count", 3.0, "mean", 0.5));
        assertThat(evaluation.value()).isCloseTo((log(2) + nll(1.5) + nll(1.5)) / 3, within(1e-15));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(
                        new double[] {-0.25 / 3, 0.5 * sigma(-1.5) / 3, -0.5 * sigma(-1.5) / 3}, within(1e-15));

        PreferenceLogProbs second = Rows.ofLogRatios(List.of(DESIRABLE), -3);
        LossEvaluation next = bco.evaluate(second, Normalizer.of(second).carrying(evaluation.carried()));
        // One more reward, −1.5: the sum of all four is 0.
        assertThat(next.carried()).isEqualTo(Map.of("count", 4.0, "mean", 0.0));
        assertThat(next.value()).isCloseTo(nll(-1.5), within(1e-15));
        assertThat(bco.needs()).containsExactly(Need.WHOLE_STEP);
    }

    @Test
    void an_evaluation_does_not_update_the_state_of_the_objective() {
        PreferenceLogProbs step = Rows.pairs(2, -3, -1, 0);
        for (PreferenceLoss loss : List.of(
                new BcoLoss(0.5),
                new BetaDpoLoss(0.5, 0.4, BetaDpoLoss.Level.BATCH, 0.75),
                new BetaDpoLoss(0.5, 0.4, BetaDpoLoss.Level.PAIR, 0.75))) {
            Normalizer next =
                    Normalizer.of(step).carrying(Rows.evaluate(loss, step).carried());
            LossEvaluation evaluation = loss.evaluate(step, next.forEvaluation());
            assertThat(evaluation.carried()).isEqualTo(next.carried());
            PreferenceLogProbs twice = PreferenceLogProbs.joined(List.of(step, step));
            LossEvaluation repeated = loss.evaluate(
                    twice, Normalizer.of(twice).carrying(next.carried()).forEvaluation());
            assertThat(repeated.value()).isCloseTo(evaluation.value(), within(1e-15));
        }
        LossEvaluation shifted = new BcoLoss(0.5)
                .evaluate(
                        step,
                        Normalizer.of(step)
                                .carrying(Map.of("count", 7.0, "mean", 0.25))
                                .forEvaluation());
        assertThat(shifted.value()).isCloseTo((nll(0.75) + nll(1.75) + nll(-0.75) + nll(0.25)) / 4, within(1e-15));
    }

    @Test
    void bco_without_a_shift_is_half_of_its_pairwise_form() {
        PreferenceLogProbs pairs = Rows.pairs(1, -1, 0.5, 2, 0.5, -3);
        assertThat(Rows.evaluate(new BcoLoss(0.5), pairs).value())
                .as("rewards of mean 0")
                .isCloseTo(Rows.evaluate(new BcoPairLoss(0.5), pairs).value() / 2, within(1e-15));
    }

    @Test
    void lists_are_refused_by_objectives_of_labels() {
        for (PreferenceLoss loss :
                List.of(new KtoLoss(0.1, 1, 1), new ApoZeroUnpairedLoss(0.1, 1, 1), new BcoLoss(0.1))) {
            String refused = "completions must be one with a label, or two, chosen and rejected, got 3";
            assertRefused(() -> loss.requireUsable(Label.ordered(3)), refused);
            PreferenceLogProbs list = Rows.withMismatched(Rows.list(List.of(), 1, 2, 3), 0.5, 0.5, 0.5);
            assertRefused(() -> Rows.evaluate(loss, list), refused);
            loss.requireUsable(Label.ordered(2));
        }
    }

    @Test
    void huge_labelled_scores_have_finite_values_and_gradients() {
        PreferenceLogProbs step = Rows.withMismatched(
                Rows.ofLogRatios(List.of(DESIRABLE, UNDESIRABLE, DESIRABLE, UNDESIRABLE), 1e5, 1e5, -1e5, -1e4),
                0.0,
                1e4,
                1e5,
                -1e4);
        for (PreferenceLoss loss : List.of(new KtoLoss(1, 1, 1), new ApoZeroUnpairedLoss(1, 1, 1), new BcoLoss(1))) {
            LossEvaluation evaluation = Rows.evaluate(loss, step);
            assertThat(evaluation.value()).isFinite();
            assertThat(Arrays.stream(evaluation.gradient().toArray())).allMatch(Double::isFinite);
        }
    }

    @Test
    void settings_out_of_range_are_refused() {
        for (double beta : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            for (ThrowingCallable made : List.<ThrowingCallable>of(
                    () -> new AotLoss(beta, 0),
                    () -> new AotUnpairedLoss(beta, 0),
                    () -> new KtoLoss(beta, 1, 1),
                    () -> new ApoZeroUnpairedLoss(beta, 1, 1),
                    () -> new BcoLoss(beta),
                    () -> new BetaDpoLoss(beta, 1, BetaDpoLoss.Level.PAIR, 0))) {
                assertRefused(made, "beta must be positive and finite, got " + beta);
            }
        }
        for (double weight : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String refused = "desirable_weight must be at least 0 and finite, got " + weight;
            assertRefused(() -> new KtoLoss(1, weight, 1), refused);
            assertRefused(() -> new ApoZeroUnpairedLoss(1, weight, 1), refused);
            assertRefused(() -> new KtoLoss(1, 1, weight), "un" + refused);
            assertRefused(() -> new ApoZeroUnpairedLoss(1, 1, weight), "un" + refused);
            assertRefused(
                    () -> new BetaDpoLoss(1, weight, BetaDpoLoss.Level.PAIR, 0),
                    "alpha must be at least 0 and finite, got " + weight);
        }
        for (double momentum : new double[] {-0.1, 1, Double.NaN}) {
            assertRefused(
                    () -> new BetaDpoLoss(1, 1, BetaDpoLoss.Level.PAIR, momentum),
                    "momentum must be in [0.0, 1.0), got " + momentum);
        }
        for (double rate : new double[] {-0.1, 0.5, Double.NaN}) {
            String refused = "label_smoothing must be in [0.0, 0.5), got " + rate;
            assertRefused(() -> new AotLoss(1, rate), refused);
            assertRefused(() -> new AotUnpairedLoss(1, rate), refused);
        }
    }

    @Test
    void rewards_are_scaled_by_beta() {
        for (PreferenceLoss loss : List.of(
                new AotLoss(0.3, 0),
                new AotUnpairedLoss(0.3, 0),
                new KtoLoss(0.3, 1, 1),
                new ApoZeroUnpairedLoss(0.3, 1, 1),
                new BcoLoss(0.3),
                new BetaDpoLoss(0.3, 1, BetaDpoLoss.Level.PAIR, 0))) {
            assertThat(loss.beta()).isEqualTo(0.3);
        }
    }

    private static double sigma(double x) {
        return 1 / (1 + exp(-x));
    }

    /** σ(x) σ(−x). */
    private static double bell(double x) {
        return sigma(x) * sigma(-x);
    }

    private static void assertRefused(ThrowingCallable made, String message) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessage(message);
    }
}
