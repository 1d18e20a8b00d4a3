package dpo.core.loss.listwise;

import static dpo.core.loss.PairExamples.nll;
import static java.lang.Math.exp;
import static java.lang.Math.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Rows;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Ranked lists: values and gradients computed by hand, limits and symmetries. */
class ListwiseLossesTest {

    private static final double[] SCORES = {2, -1, 0.5};

    @Test
    void plackett_luce_chooses_the_best_of_all_and_then_of_the_rest() {
        LossEvaluation evaluation = Rows.evaluate(new PlackettLuceLoss(0.4), Rows.list(List.of(), SCORES));
        double all = exp(0.8) + exp(-0.4) + exp(0.2);
        double rest = exp(-0.4) + exp(0.2);
        assertThat(evaluation.value()).isCloseTo(-log(exp(0.8) / all) - log(exp(-0.4) / rest), within(1e-14));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(
                        new double[] {
                            0.4 * (exp(0.8) / all - 1),
                            0.4 * (exp(-0.4) / all + exp(-0.4) / rest - 1),
                            0.4 * (exp(0.2) / all + exp(0.2) / rest)
                        },
                        within(1e-14));
    }

    @Test
    void softmax_dpo_chooses_the_best_of_all() {
        LossEvaluation evaluation = Rows.evaluate(new SoftmaxDpoLoss(0.4), Rows.list(List.of(), SCORES));
        double all = exp(0.8) + exp(-0.4) + exp(0.2);
        assertThat(evaluation.value()).isCloseTo(nll(-log(exp(0.4 * (-1 - 2)) + exp(0.4 * (0.5 - 2)))), within(1e-14));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(
                        new double[] {0.4 * (exp(0.8) / all - 1), 0.4 * exp(-0.4) / all, 0.4 * exp(0.2) / all},
                        within(1e-14));
    }

    @Test
    void the_order_of_the_rejected_matters_to_plackett_luce_and_not_to_softmax_dpo() {
        PreferenceLogProbs list = Rows.list(List.of(), SCORES);
        PreferenceLogProbs other = Rows.list(List.of(), 2, 0.5, -1);
        assertThat(Rows.evaluate(new SoftmaxDpoLoss(0.4), other).value())
                .isCloseTo(Rows.evaluate(new SoftmaxDpoLoss(0.4), list).value(), within(1e-15));
        assertThat(Rows.evaluate(new PlackettLuceLoss(0.4), other).value())
                .isLessThan(Rows.evaluate(new PlackettLuceLoss(0.4), list).value() - 0.1);
    }

    @Test
    void on_pairs_plackett_luce_and_softmax_dpo_are_sigmoid() {
        PreferenceLogProbs random = PreferenceExamples.random(6, 11);
        PreferenceLogProbs extreme = Rows.pairs(100, -100, -100, 100, 1e5, 0, 0, 1e5);
        for (PreferenceLogProbs pairs : List.of(random, extreme)) {
            LossEvaluation sigmoid = Rows.evaluate(new SigmoidLoss(0.3, 0), pairs);
            for (PreferenceLoss loss : List.of(new PlackettLuceLoss(0.3), new SoftmaxDpoLoss(0.3))) {
                LossEvaluation evaluation = Rows.evaluate(loss, pairs);
                assertThat(evaluation.value()).isCloseTo(sigmoid.value(), within(1e-14 * sigmoid.value()));
                assertThat(evaluation.gradient().toArray())
                        .containsExactly(sigmoid.gradient().toArray(), within(1e-15));
            }
        }
    }

    @Test
    void a_small_softmax_loss_keeps_its_digits() {
        double value = Rows.evaluate(new SoftmaxDpoLoss(1), Rows.list(List.of(), 60, 0, 0))
                .value();
        assertThat(value).isCloseTo(2 * exp(-60), within(1e-13 * exp(-60)));
    }

    @Test
    void lipo_weighs_pairs_by_the_gain_and_the_discount_that_an_exchange_would_change() {
        // By the scores the third is second, the second third.
        LossEvaluation evaluation = Rows.evaluate(new LiPoLoss(0.4), Rows.list(List.of(3.0, 2.0, 1.0), SCORES));
        double first = 1 / log(2);
        double second = 1 / log(3);
        double third = 1 / log(4);
        double l12 = (8 - 4) * (first - third);
        double l13 = (8 - 2) * (first - second);
        double l23 = (4 - 2) * (second - third);
        assertThat(evaluation.value()).isCloseTo(l12 * nll(1.2) + l13 * nll(0.6) + l23 * nll(-0.6), within(1e-14));
        double slope12 = 0.4 * l12 / (1 + exp(1.2));
        double slope13 = 0.4 * l13 / (1 + exp(0.6));
        double slope23 = 0.4 * l23 / (1 + exp(-0.6));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(
                        new double[] {-slope12 - slope13, slope12 - slope23, slope13 + slope23}, within(1e-14));
    }

    @Test
    void lipo_does_not_compare_completions_with_equal_ratings() {
        LossEvaluation evaluation = Rows.evaluate(new LiPoLoss(0.4), Rows.list(List.of(1.0, 0.0, 0.0), 0, -1, 4));
        double lambda2 = 1 / log(3) - 1 / log(4);
        double lambda3 = 1 / log(2) - 1 / log(3);
        assertThat(evaluation.value()).isCloseTo(lambda2 * nll(0.4) + lambda3 * nll(-1.6), within(1e-14));
    }

    @Test
    void lipo_ranks_equal_scores_in_the_order_of_the_data() {
        LossEvaluation evaluation = Rows.evaluate(new LiPoLoss(0.4), Rows.list(List.of(1.0, 0.0, -1.0), 0, 0, 0));
        double sum = 1 * (1 / log(2) - 1 / log(3)) + 1.5 * (1 / log(2) - 1 / log(4)) + 0.5 * (1 / log(3) - 1 / log(4));
        assertThat(evaluation.value()).isCloseTo(log(2) * sum, within(1e-14));
    }

    @Test
    void rrhf_is_a_hinge_on_wrongly_ordered_means_and_the_likelihood_of_the_best() {
        PreferenceLogProbs list = lengths(List.of(3.0, 2.0, 1.0));
        // Means −2, −1 and −1.5: the best is below both others, the second above the third.
        LossEvaluation evaluation = Rows.evaluate(new RrhfLoss(0.5), list);
        assertThat(evaluation.value()).isCloseTo(1 + 0.5 + 0.5 * 4, within(1e-15));
        assertThat(evaluation.gradient().row(0)).containsExactly(-1 - 0.5, -1 - 0.5);
        assertThat(evaluation.gradient().row(1)).containsExactly(1);
        assertThat(evaluation.gradient().row(2)).containsExactly(0.25, 0.25, 0.25, 0.25);
        assertThat(Rows.evaluate(new RrhfLoss(0), list).value()).isCloseTo(1.5, within(1e-15));
    }

    @Test
    void rrhf_uses_the_order_without_ratings_and_skips_equal_ratings() {
        assertThat(Rows.evaluate(new RrhfLoss(0), lengths(List.of())).value()).isCloseTo(1.5, within(1e-15));
        LossEvaluation tied = Rows.evaluate(new RrhfLoss(0), lengths(List.of(2.0, 2.0, 1.0)));
        assertThat(tied.value()).isCloseTo(0.5, within(1e-15));
        assertThat(tied.gradient().row(1)).containsExactly(0);
        assertThat(Rows.evaluate(new RrhfLoss(0), Rows.pairs(0, 0)).gradient().toArray())
                .as("at the kink")
                .containsExactly(new double[] {0, 0}, within(0.0));
    }

    /** Means −2 over two tokens, −1 over one, −1.5 over four. */
    private static PreferenceLogProbs lengths(List<Double> ratings) {
        TokenLogProbs policy =
                TokenLogProbs.ofRows(new double[] {-1, -3}, new double[] {-1}, new double[] {-1.5, -0.5, -2.5, -1.5});
        TokenLogProbs reference =
                TokenLogProbs.ofRows(new double[] {-7, -7}, new double[] {-8}, new double[] {-9, -9, -9, -9});
        return new PreferenceLogProbs(policy, reference, Labels.of(List.of(new Label(3, ratings, "all", 1))));
    }

    @Test
    void a_list_counts_as_one_preference_with_its_weight() {
        PreferenceLogProbs step = Rows.ofLogRatios(
                List.of(new Label(3, List.of(), "a", 2), new Label(2, List.of(), "a", 0.5)), 0, 0, 0, 0, 0);
        LossEvaluation evaluation = Rows.evaluate(new SoftmaxDpoLoss(0.6), step);
        assertThat(evaluation.value()).isCloseTo((2 * log(3) + 0.5 * log(2)) / 2, within(1e-15));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(new double[] {-0.4, 0.2, 0.2, -0.075, 0.075}, within(1e-15));
    }

    @Test
    void lists_of_huge_scores_have_finite_values_and_gradients() {
        List<Double> ratings = List.of(500.0, 3.0, 2.0, -700.0);
        for (PreferenceLoss loss :
                List.of(new PlackettLuceLoss(1), new SoftmaxDpoLoss(1), new LiPoLoss(1), new RrhfLoss(1))) {
            for (double size : new double[] {1e4, -1e4, 1e5, -1e5}) {
                LossEvaluation evaluation = Rows.evaluate(loss, Rows.list(ratings, size, -size, 0, size));
                assertThat(evaluation.value()).isFinite();
                assertThat(Arrays.stream(evaluation.gradient().toArray())).allMatch(Double::isFinite);
            }
        }
    }

    @Test
    void a_nan_completion_makes_the_loss_of_its_list_nan() {
        for (PreferenceLoss loss :
                List.of(new PlackettLuceLoss(1), new SoftmaxDpoLoss(1), new LiPoLoss(1), new RrhfLoss(1))) {
            for (int broken = 0; broken < 3; broken++) {
                double[] scores = SCORES.clone();
                scores[broken] = Double.NaN;
                assertThat(Rows.evaluate(loss, Rows.list(List.of(3.0, 2.0, 1.0), scores))
                                .value())
                        .isNaN();
            }
        }
    }

    @Test
    void a_single_completion_is_not_a_list() {
        for (PreferenceLoss loss :
                List.of(new PlackettLuceLoss(1), new SoftmaxDpoLoss(1), new LiPoLoss(1), new RrhfLoss(1))) {
            String refused = "completions must be at least two, best first, got 1";
            assertRefused(() -> loss.requireUsable(Label.desirable(true)), refused);
            PreferenceLogProbs alone = Rows.ofLogRatios(List.of(Label.desirable(true)), 1);
            assertRefused(() -> Rows.evaluate(loss, alone), refused);
        }
    }

    @Test
    void lipo_needs_ratings_whose_gains_do_not_overflow() {
        LiPoLoss lipo = new LiPoLoss(1);
        assertRefused(
                () -> lipo.requireUsable(Label.ordered(2)),
                "ratings must be given for lipo, of every completion and at most 500.0, got []");
        assertRefused(
                () -> lipo.requireUsable(new Label(2, List.of(501.0, 1.0), "all", 1)),
                "ratings must be given for lipo, of every completion and at most 500.0, got [501.0, 1.0]");
        lipo.requireUsable(new Label(2, Collections.nCopies(2, 500.0), "all", 1));
    }

    @Test
    void settings_out_of_range_are_refused() {
        for (double beta : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String refused = "beta must be positive and finite, got " + beta;
            assertRefused(() -> new PlackettLuceLoss(beta), refused);
            assertRefused(() -> new SoftmaxDpoLoss(beta), refused);
            assertRefused(() -> new LiPoLoss(beta), refused);
        }
        for (double weight : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(() -> new RrhfLoss(weight), "nll_weight must be at least 0 and finite, got " + weight);
        }
    }

    @Test
    void rewards_are_scaled_by_beta_or_by_1_without_a_beta() {
        assertThat(new PlackettLuceLoss(0.3).beta()).isEqualTo(0.3);
        assertThat(new SoftmaxDpoLoss(0.3).beta()).isEqualTo(0.3);
        assertThat(new LiPoLoss(0.3).beta()).isEqualTo(0.3);
        assertThat(new RrhfLoss(0.3).beta()).isEqualTo(1);
    }

    private static void assertRefused(ThrowingCallable made, String message) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessage(message);
    }
}
