package dpo.core.loss;

import static dpo.core.logprob.PreferenceExamples.reordered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * The laws that every {@link PreferenceLoss} keeps. A test class of an objective implements the two abstract methods
 * and inherits the tests.
 *
 * <p>The examples have the groups {@code a}, {@code b} and {@code c}, and up to three turns a completion.
 */
public interface LossContract {

    /** The objective under test, preferably with hyper-parameters other than the defaults. */
    PreferenceLoss loss();

    /**
     * The value, worked out another way, where policy and reference are equal and all weights are 1.
     *
     * @param equal such pairs, a whole data set by themselves
     */
    double valueAtInitialisation(PreferenceLogProbs equal);

    @Test
    default void value_at_initialisation_is_the_published_one() {
        PreferenceLogProbs equal = PreferenceExamples.atInitialisation(7, 1);
        double expected = valueAtInitialisation(equal);
        assertThat(loss().evaluate(equal, Normalizer.of(equal)).value())
                .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(expected))));
    }

    @Test
    default void gradient_is_the_derivative_of_the_value() {
        for (long seed = 0; seed < 3; seed++) {
            PreferenceLogProbs logProbs = PreferenceExamples.random(5, seed);
            Normalizer normalizer = Normalizer.of(logProbs);
            LossEvaluation evaluation = loss().evaluate(logProbs, normalizer);
            double[] differences = Differences.ofLoss(loss(), logProbs, normalizer);
            double[] gradient = evaluation.gradient().toArray();
            double scale = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            assertThat(gradient).containsExactly(differences, within(1e-8 * scale));
            assertThat(scale).as("some token must matter").isPositive();
        }
    }

    @Test
    default void gradient_has_the_shape_of_the_log_probs() {
        PreferenceLogProbs logProbs = PreferenceExamples.random(5, 9);
        LossEvaluation evaluation = loss().evaluate(logProbs, Normalizer.of(logProbs));
        assertThat(evaluation.chosen().shape()).isEqualTo(logProbs.policyChosen().shape());
        assertThat(evaluation.rejected().shape()).isEqualTo(logProbs.policyRejected().shape());
    }

    @Test
    default void any_split_into_micro_batches_gives_the_same_value_and_gradient() {
        PreferenceLogProbs whole = PreferenceExamples.random(8, 2);
        Normalizer normalizer = Normalizer.of(whole);
        LossEvaluation undivided = loss().evaluate(whole, normalizer);
        for (int[] cuts : new int[][] {{0, 4, 8}, {0, 1, 8}, {0, 3, 5, 6, 8}, {0, 1, 2, 3, 4, 5, 6, 7, 8}}) {
            double value = 0;
            TokenGradient chosen = TokenGradient.zero(TokenShape.ofTurns());
            TokenGradient rejected = TokenGradient.zero(TokenShape.ofTurns());
            for (int i = 1; i < cuts.length; i++) {
                LossEvaluation part = loss().evaluate(whole.pairs(cuts[i - 1], cuts[i]), normalizer);
                value += part.value();
                chosen = chosen.then(part.chosen());
                rejected = rejected.then(part.rejected());
            }
            assertClose(new LossEvaluation(value, chosen, rejected), undivided);
        }
    }

    @Test
    default void the_order_of_pairs_does_not_matter() {
        PreferenceLogProbs logProbs = PreferenceExamples.random(5, 3);
        Normalizer normalizer = Normalizer.of(logProbs);
        LossEvaluation expected = loss().evaluate(logProbs, normalizer);
        int[] order = {3, 0, 4, 1, 2};
        LossEvaluation permuted = loss().evaluate(reordered(logProbs, order), normalizer);
        assertThat(permuted.value()).isCloseTo(expected.value(), tolerance(expected.value()));
        for (int i = 0; i < order.length; i++) {
            assertThat(permuted.chosen().row(i)).containsExactly(expected.chosen().row(order[i]), within(1e-12));
            assertThat(permuted.rejected().row(i)).containsExactly(expected.rejected().row(order[i]), within(1e-12));
        }
    }

    @Test
    default void a_pair_counts_in_proportion_to_its_weight() {
        PreferenceLogProbs pair = PreferenceExamples.random(6, 4).pairs(2, 3);
        Normalizer normalizer = Normalizer.of(PreferenceExamples.random(6, 4));
        LossEvaluation one = loss().evaluate(pair.withWeights(List.of(1.0)), normalizer);
        double weight = 2.5;
        assertClose(
                loss().evaluate(pair.withWeights(List.of(weight)), normalizer),
                new LossEvaluation(weight * one.value(), one.chosen().times(weight), one.rejected().times(weight)));
        assertThat(loss().evaluate(pair.withWeights(List.of(0.0)), normalizer).value()).isZero();
    }

    @Test
    default void huge_margins_give_finite_values_and_gradients() {
        for (double size : new double[] {1e4, 1e5}) {
            double[] likely = {-1, -2, -0.5};
            double[] hopeless = {-size, -size / 4, -1};
            assertFinite(likely, hopeless, hopeless, likely);
            assertFinite(hopeless, likely, likely, hopeless);
            assertFinite(hopeless, hopeless, hopeless, hopeless);
        }
    }

    @Test
    default void an_empty_completion_gives_a_finite_value() {
        assertFinite(new double[0], new double[] {-1, -2}, new double[0], new double[] {-3, -1});
        assertFinite(new double[] {-1, -2}, new double[0], new double[] {-3, -1}, new double[0]);
    }

    @Test
    default void not_a_number_in_gives_not_a_number_out() {
        PreferenceLogProbs some = PreferenceExamples.random(4, 5);
        double[] values = some.policyChosen().toArray();
        Arrays.fill(values, some.policyChosen().shape().start(3), values.length, Double.NaN);
        PreferenceLogProbs broken = new PreferenceLogProbs(
                TokenLogProbs.of(some.policyChosen().shape(), values), some.policyRejected(), some.referenceChosen(),
                some.referenceRejected(), some.groups(), some.weights());
        assertThat(loss().evaluate(broken, Normalizer.of(broken)).value()).isNaN();
    }

    private void assertFinite(
            double[] policyChosen, double[] policyRejected, double[] referenceChosen, double[] referenceRejected) {
        PreferenceLogProbs pair = new PreferenceLogProbs(
                TokenLogProbs.ofRows(policyChosen), TokenLogProbs.ofRows(policyRejected),
                TokenLogProbs.ofRows(referenceChosen), TokenLogProbs.ofRows(referenceRejected),
                List.of("a"), Collections.nCopies(1, 1.0));
        LossEvaluation evaluation = loss().evaluate(pair, Normalizer.of(pair));
        assertThat(evaluation.value()).isFinite();
        assertThat(Arrays.stream(evaluation.gradient().toArray())).allMatch(Double::isFinite);
    }

    private static void assertClose(LossEvaluation actual, LossEvaluation expected) {
        assertThat(actual.value()).isCloseTo(expected.value(), tolerance(expected.value()));
        assertThat(actual.chosen().toArray()).containsExactly(expected.chosen().toArray(), within(1e-12));
        assertThat(actual.rejected().toArray()).containsExactly(expected.rejected().toArray(), within(1e-12));
    }

    private static Offset<Double> tolerance(double value) {
        return within(1e-12 * Math.max(1, Math.abs(value)));
    }
}
