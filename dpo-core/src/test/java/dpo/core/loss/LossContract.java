package dpo.core.loss;

import static dpo.core.logprob.PreferenceExamples.reordered;
import static dpo.core.logprob.PreferenceExamples.withPolicy;
import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.sequence.Label;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Laws that every {@link PreferenceLoss} must satisfy. A test class of an objective implements the two abstract methods
 * and inherits the tests.
 *
 * <p>The examples are pairs of the groups {@code a}, {@code b} and {@code c}, with up to three turns per completion,
 * with ratings, token statistics and mismatched log-ratios. An objective of lists or labels gives its own.
 */
public interface LossContract {

    /** The objective under test, preferably with hyper-parameters other than the defaults. */
    PreferenceLoss loss();

    /**
     * The value, computed independently, if policy and reference are equal and all weights are 1.
     *
     * @param equal preferences with equal policy and reference, a whole data set
     */
    double valueAtInitialisation(PreferenceLogProbs equal);

    /** Examples that the objective is defined for. */
    default PreferenceLogProbs examples(int size, long seed) {
        return PreferenceExamples.random(size, seed);
    }

    /** The objective with the constants of its derivative fixed at their values on the given step. */
    default PreferenceLoss heldConstantAt(PreferenceLogProbs step) {
        return loss();
    }

    /**
     * Whether common tokens of both completions do not change the loss: only for functions of the margin of whole
     * completions.
     */
    default boolean sharedTokensCancel() {
        return loss() instanceof MarginLoss margin
                && margin.reduction() == Reduction.SUM
                && margin.divergence() instanceof Divergence.ReverseKl;
    }

    /** Whether the value is linear in the weight of every preference; not if other numbers depend on weights. */
    default boolean isLinearInWeights() {
        return !loss().needs().contains(Need.EQUAL_WEIGHTS);
    }

    private PreferenceLogProbs some(int size, long seed) {
        PreferenceLogProbs examples = examples(size, seed);
        double[] ones = new double[size];
        Arrays.fill(ones, 1);
        return loss().needs().contains(Need.EQUAL_WEIGHTS) ? examples.withWeights(ones) : examples;
    }

    private boolean couples() {
        return loss().needs().contains(Need.WHOLE_STEP);
    }

    @Test
    default void value_at_initialisation_is_the_published_one() {
        PreferenceLogProbs equal = PreferenceExamples.atInitialisation(examples(7, 1));
        double expected = valueAtInitialisation(equal);
        assertThat(loss().evaluate(equal, Normalizer.of(equal)).value())
                .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(expected))));
    }

    @Test
    default void gradient_is_the_derivative_of_the_value() {
        for (long seed = 0; seed < 3; seed++) {
            PreferenceLogProbs logProbs = some(5, seed);
            Normalizer normalizer = Normalizer.of(logProbs);
            double[] gradient = loss().evaluate(logProbs, normalizer).gradient().toArray();
            double[] differences = Differences.ofLoss(heldConstantAt(logProbs), logProbs, normalizer);
            double scale = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            assertAllClose("gradient, beside finite differences of the value,", gradient, differences, 1e-8 * scale);
            assertThat(scale).as("some token must matter").isPositive();
        }
    }

    /** Also without a gradient: the value must then not depend on the statistic, or treat it as a constant. */
    @Test
    default void gradients_of_statistics_are_the_derivatives_of_the_value() {
        PreferenceLogProbs logProbs = some(5, 1);
        Normalizer normalizer = Normalizer.of(logProbs);
        LossEvaluation evaluation = loss().evaluate(logProbs, normalizer);
        for (TokenStatistic statistic : logProbs.statistics().keySet()) {
            double[] differences = Differences.ofLoss(heldConstantAt(logProbs), logProbs, normalizer, statistic);
            double scale = Arrays.stream(evaluation.gradient().toArray())
                    .map(Math::abs)
                    .max()
                    .orElseThrow();
            String what = "gradient by " + statistic + ", beside finite differences of the value,";
            assertAllClose(what, ofStatistic(evaluation, statistic).toArray(), differences, 1e-8 * scale);
        }
    }

    private static TokenGradient ofStatistic(LossEvaluation evaluation, TokenStatistic statistic) {
        TokenGradient none = TokenGradient.zero(evaluation.gradient().shape());
        return evaluation.statisticGradients().getOrDefault(statistic, none);
    }

    /** For objectives of the margin with a probability of the label. */
    @Test
    default void the_expected_loss_is_least_at_the_margin_that_gives_the_true_probability() {
        if (!(loss() instanceof MarginLoss margin) || margin.probability(0).isEmpty()) {
            return;
        }
        for (double x : new double[] {-1.5, -0.4, 0, 0.1, 0.9, 2}) {
            double reward = margin.reward(x, 1) - margin.reward(0, 1);
            double probability = margin.probability(reward).orElseThrow();
            if (probability > 0 && probability < 1) {
                double slope = probability * margin.at(x).slope()
                        - (1 - probability) * margin.at(-x).slope();
                assertThat(slope).as("at " + x).isCloseTo(0, within(1e-12));
                double nearby = probability * margin.at(x + 0.01).slope()
                        - (1 - probability) * margin.at(-x - 0.01).slope();
                assertThat(nearby).as("above " + x).isPositive();
            }
        }
    }

    @Test
    default void gradient_has_the_shape_of_the_log_probs() {
        PreferenceLogProbs logProbs = some(5, 9);
        LossEvaluation evaluation = loss().evaluate(logProbs, Normalizer.of(logProbs));
        assertThat(evaluation.gradient().shape()).isEqualTo(logProbs.policy().shape());
    }

    @Test
    default void any_split_into_micro_batches_gives_the_same_value_and_gradient() {
        PreferenceLogProbs whole = some(8, 2);
        Normalizer normalizer = Normalizer.of(whole);
        if (couples()) {
            assertThatThrownBy(() -> loss().evaluate(whole.slice(0, 4), normalizer))
                    .as("a part of a step that must be evaluated as a whole")
                    .isInstanceOf(IllegalArgumentException.class);
            return;
        }
        LossEvaluation undivided = loss().evaluate(whole, normalizer);
        for (int[] cuts : new int[][] {{0, 4, 8}, {0, 1, 8}, {0, 3, 5, 6, 8}, {0, 1, 2, 3, 4, 5, 6, 7, 8}}) {
            double value = 0;
            TokenGradient gradient = TokenGradient.zero(TokenShape.ofTurns());
            Map<TokenStatistic, TokenGradient> ofStatistics = new EnumMap<>(TokenStatistic.class);
            for (int i = 1; i < cuts.length; i++) {
                LossEvaluation part = loss().evaluate(whole.slice(cuts[i - 1], cuts[i]), normalizer);
                value += part.value();
                gradient = gradient.then(part.gradient());
                part.statisticGradients()
                        .forEach((statistic, rows) -> ofStatistics.merge(statistic, rows, TokenGradient::then));
            }
            assertClose(new LossEvaluation(value, gradient, ofStatistics, Map.of(), Map.of()), undivided);
        }
    }

    @Test
    default void the_order_of_preferences_does_not_matter() {
        PreferenceLogProbs logProbs = some(5, 3);
        Normalizer normalizer = Normalizer.of(logProbs);
        LossEvaluation expected = loss().evaluate(logProbs, normalizer);
        int[] order = {3, 0, 4, 1, 2};
        PreferenceLogProbs permuted = reordered(logProbs, order);
        LossEvaluation actual = loss().evaluate(permuted, normalizer);
        assertThat(actual.value()).isCloseTo(expected.value(), tolerance(expected.value()));
        for (int i = 0; i < order.length; i++) {
            for (int k = 0; k < permuted.first(i + 1) - permuted.first(i); k++) {
                int row = permuted.first(i) + k;
                int before = logProbs.first(order[i]) + k;
                gradients(expected)
                        .forEach((name, gradient) -> assertAllClose(
                                name, gradients(actual).get(name).row(row), gradient.row(before), 1e-12));
            }
        }
    }

    @Test
    default void a_preference_counts_in_proportion_to_its_weight() {
        if (!isLinearInWeights()) {
            return;
        }
        PreferenceLogProbs logProbs = some(6, 4);
        LossEvaluation none = LossContractExamples.weighted(loss(), logProbs, 0);
        LossEvaluation one = LossContractExamples.weighted(loss(), logProbs, 1);
        LossEvaluation more = LossContractExamples.weighted(loss(), logProbs, 2.5);
        double value = none.value() + 2.5 * (one.value() - none.value());
        TokenGradient gradient = none.gradient().times(-1.5).plus(one.gradient().times(2.5));
        Map<TokenStatistic, TokenGradient> ofStatistics = new EnumMap<>(TokenStatistic.class);
        one.statisticGradients()
                .keySet()
                .forEach(statistic -> ofStatistics.put(
                        statistic,
                        ofStatistic(none, statistic)
                                .times(-1.5)
                                .plus(ofStatistic(one, statistic).times(2.5))));
        assertClose(more, new LossEvaluation(value, gradient, ofStatistics, Map.of(), Map.of()));
        assertThat(none.value()).isNotEqualTo(more.value());
    }

    @Test
    default void common_tokens_of_both_completions_cancel_only_in_margins_of_whole_completions() {
        PreferenceLogProbs pairs = some(4, 6);
        PreferenceLogProbs longer = LossContractExamples.withSharedToken(pairs);
        double difference = loss().evaluate(longer, Normalizer.of(longer)).value()
                - loss().evaluate(pairs, Normalizer.of(pairs)).value();
        if (sharedTokensCancel()) {
            assertThat(difference).isCloseTo(0, within(1e-12));
        } else {
            assertThat(Math.abs(difference)).isGreaterThan(1e-6);
        }
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
    default void a_nan_log_prob_gives_a_nan_loss() {
        PreferenceLogProbs some = some(4, 5);
        double[] values = some.policy().toArray();
        int row = some.first(3);
        Arrays.fill(
                values, some.policy().shape().start(row), some.policy().shape().end(row), Double.NaN);
        PreferenceLogProbs broken = withPolicy(some, values);
        assertThat(loss().evaluate(broken, Normalizer.of(broken)).value()).isNaN();
    }

    private void assertFinite(
            double[] policyChosen, double[] policyRejected, double[] referenceChosen, double[] referenceRejected) {
        TokenLogProbs policy = TokenLogProbs.ofRows(policyChosen, policyRejected);
        double[] divergences =
                Arrays.stream(policy.toArray()).map(logProb -> -logProb).toArray();
        PreferenceLogProbs pair = new PreferenceLogProbs(
                policy,
                TokenLogProbs.ofRows(referenceChosen, referenceRejected),
                Labels.of(List.of(new Label(2, List.of(2.5, 1.0), "a", 1))),
                Map.of(
                        TokenStatistic.LOG_SUM_SQUARED_PROBS,
                        policy,
                        TokenStatistic.REFERENCE_KL,
                        TokenLogProbs.of(policy.shape(), divergences)),
                List.of(0.25, -0.125));
        LossEvaluation evaluation = loss().evaluate(pair, Normalizer.of(pair));
        assertThat(evaluation.value()).isFinite();
        assertThat(Arrays.stream(evaluation.gradient().toArray())).allMatch(Double::isFinite);
        evaluation.statisticGradients().values().forEach(gradient -> assertThat(Arrays.stream(gradient.toArray()))
                .allMatch(Double::isFinite));
    }

    private static void assertClose(LossEvaluation actual, LossEvaluation expected) {
        assertThat(actual.value()).isCloseTo(expected.value(), tolerance(expected.value()));
        assertThat(gradients(actual).keySet()).isEqualTo(gradients(expected).keySet());
        gradients(expected)
                .forEach((name, gradient) ->
                        assertAllClose(name, gradients(actual).get(name).toArray(), gradient.toArray(), 1e-12));
    }

    private static Map<String, TokenGradient> gradients(LossEvaluation evaluation) {
        Map<String, TokenGradient> gradients = new TreeMap<>(Map.of("gradient", evaluation.gradient()));
        evaluation.statisticGradients().forEach((of, gradient) -> gradients.put("gradient by " + of, gradient));
        return gradients;
    }

    private static Offset<Double> tolerance(double value) {
        return within(1e-12 * Math.max(1, Math.abs(value)));
    }
}
