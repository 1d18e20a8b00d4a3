package dpo.core.backend;

import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.numeric.LogSpace;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Laws that every {@link ScalarModel} must satisfy. A test class implements the two abstract methods, may widen {@link
 * #tolerance()}, and inherits the tests.
 */
public interface ScalarModelContract {

    /** A new small model, with equal parameters at every call. */
    ScalarModel open();

    /**
     * At least four different sequences of one turn each and of unequal lengths. The first two have the same prompt;
     * one of them has at least three scored tokens.
     */
    List<TokenSequence> sequences();

    /** Largest difference between two computations of a value: 1e-12 for doubles, about 1e-5 for floats. */
    default double tolerance() {
        return 1e-12;
    }

    @Test
    default void a_sequence_has_a_value_before_each_token_and_after_the_last() {
        try (ScalarModel model = trained(2);
                ScalarPass pass = model.forward(sequences())) {
            double[][] values = model.values(sequences());
            double[][] ofPass = pass.values();
            assertThat(values.length).isEqualTo(sequences().size());
            for (int row = 0; row < values.length; row++) {
                assertThat(values[row]).hasSize(sequences().get(row).scoredTokens() + 1);
                assertAllClose("values of a forward pass", ofPass[row], values[row], tolerance());
            }
            assertThat(ScalarSteps.flat(values)).doesNotContain(0);
        }
    }

    @Test
    default void all_values_are_0_before_training() {
        try (ScalarModel model = open();
                ScalarPass pass = model.forward(sequences())) {
            assertThat(ScalarSteps.flat(model.values(sequences()))).containsOnly(0);
            assertThat(ScalarSteps.flat(pass.values())).containsOnly(0);
        }
    }

    @Test
    default void a_sequence_has_the_same_values_in_any_batch() {
        try (ScalarModel model = trained(3)) {
            double[][] together = model.values(sequences());
            for (int row = 0; row < sequences().size(); row++) {
                double[] alone = model.values(sequences().subList(row, row + 1))[0];
                assertAllClose("values of a sequence alone", alone, together[row], tolerance());
            }
        }
    }

    @Test
    default void a_later_token_does_not_move_an_earlier_value() {
        TokenSequence whole = longest();
        int[] ids = whole.ids();
        int start = whole.turns().get(0).start();
        try (ScalarModel model = trained(3)) {
            double[] values = model.values(List.of(whole))[0];
            for (int length = start + 1; length < ids.length; length++) {
                double[] beginning = model.values(List.of(
                        new TokenSequence(Arrays.copyOf(ids, length), List.of(new Span(start, length)))))[0];
                assertAllClose(
                        "values of the beginning of a sequence",
                        beginning,
                        Arrays.copyOf(values, length - start + 1),
                        tolerance());
            }
        }
    }

    /**
     * With a large ε Adam's first step is gradient descent, θ ∓ ηg. Then Φ = Σ g_i v_i changes between the two ends by
     * 2η‖g‖², up to η³, if and only if the reported norm belongs to the gradient of backward.
     */
    @Test
    default void backward_gives_the_gradient_of_the_values() {
        double norm = withGradient(1, (model, optimizer) -> optimizer.step(0));
        double change = 0.05;
        double rate = change / (norm * norm) * Steps.LARGE_EPSILON;
        double up = withGradient(-1, (model, optimizer) -> valueAfterStep(model, optimizer, rate));
        double down = withGradient(1, (model, optimizer) -> valueAfterStep(model, optimizer, rate));
        assertThat(norm).isPositive();
        assertThat(up - down).isCloseTo(2 * change, within(0.02 * change + 100 * tolerance()));
    }

    @Test
    default void backward_passes_of_split_batches_add_up_to_that_of_the_whole() {
        double[][] after = new double[2][];
        double[] norms = new double[2];
        for (int parts = 1; parts <= 2; parts++) {
            try (ScalarModel model = trained(2);
                    Optimizer optimizer = model.optimizer(Steps.plain(Double.POSITIVE_INFINITY))) {
                ScalarSteps.accumulate(model, sequences(), 1, parts);
                norms[parts - 1] = optimizer.step(0.01 * Steps.LARGE_EPSILON);
                after[parts - 1] = ScalarSteps.flat(model.values(sequences()));
            }
        }
        assertThat(norms[1]).isCloseTo(norms[0], within(100 * tolerance() * norms[0]));
        assertAllClose("values after the step", after[1], after[0], 100 * tolerance());
    }

    @Test
    default void a_step_clears_the_gradient() {
        assertThat(withGradient(1, (model, optimizer) -> optimizer.step(0) + optimizer.step(0)))
                .isEqualTo(withGradient(1, (model, optimizer) -> optimizer.step(0)));
    }

    @Test
    default void a_nan_gradient_leaves_the_model_unchanged() {
        try (ScalarModel model = open();
                Optimizer optimizer = model.optimizer(Steps.adam())) {
            ScalarSteps.train(model, optimizer, sequences(), 2);
            double[] before = ScalarSteps.flat(model.values(sequences()));
            ScalarSteps.accumulate(model, sequences(), Double.NaN, 1);
            assertThat(optimizer.step(0.1)).isNaN();
            assertThat(ScalarSteps.flat(model.values(sequences()))).containsExactly(before);
        }
    }

    @Test
    default void repeated_training_is_bit_identical() {
        assertThat(trainedValues(3)).containsExactly(trainedValues(3)).isNotEqualTo(trainedValues(2));
    }

    @Test
    default void restored_models_and_optimizers_continue_bit_identically(@TempDir Path folder) throws Exception {
        Path weights = Files.createDirectory(folder.resolve("weights"));
        Path state = Files.createDirectory(folder.resolve("state"));
        try (ScalarModel model = open();
                Optimizer optimizer = model.optimizer(Steps.adam())) {
            ScalarSteps.train(model, optimizer, sequences(), 2);
            model.save(weights);
            optimizer.save(state);
        }
        try (ScalarModel model = open();
                Optimizer optimizer = model.optimizer(Steps.adam())) {
            model.restore(weights);
            assertThat(ScalarSteps.flat(model.values(sequences()))).containsExactly(trainedValues(2));
            optimizer.restore(state);
            ScalarSteps.train(model, optimizer, sequences(), 2);
            assertThat(ScalarSteps.flat(model.values(sequences()))).containsExactly(trainedValues(4));
        }
    }

    @Test
    default void the_fingerprint_equals_that_of_the_model_when_it_was_opened() {
        try (ScalarModel model = trained(1);
                ScalarModel other = open()) {
            assertThat(model.fingerprint()).isNotBlank().isEqualTo(other.fingerprint());
        }
    }

    @Test
    default void a_reward_model_trained_by_bradley_terry_prefers_what_it_was_taught() {
        List<TokenSequence> pair = sequences().subList(0, 2);
        for (int chosen = 0; chosen < 2; chosen++) {
            try (ScalarModel model = open();
                    Optimizer optimizer = model.optimizer(Steps.adam())) {
                for (int step = 0; step < 100; step++) {
                    try (ScalarPass pass = model.forward(pair)) {
                        pass.backward(bradleyTerry(pass.values(), chosen));
                    }
                    optimizer.step(0.05);
                }
                assertThat(margin(model.values(pair), chosen)).isGreaterThan(2);
            }
        }
    }

    /** The gradient of {@code −log σ(r_chosen − r_rejected)}, where a reward is the last value. */
    private static double[][] bradleyTerry(double[][] values, int chosen) {
        double slope = LogSpace.sigmoid(-margin(values, chosen));
        double[][] gradient =
                Stream.of(values).map(row -> new double[row.length]).toArray(double[][]::new);
        gradient[chosen][gradient[chosen].length - 1] = -slope;
        gradient[1 - chosen][gradient[1 - chosen].length - 1] = slope;
        return gradient;
    }

    private static double margin(double[][] values, int chosen) {
        return values[chosen][values[chosen].length - 1] - values[1 - chosen][values[1 - chosen].length - 1];
    }

    @Test
    default void tokens_turns_and_gradients_that_do_not_fit_are_refused() {
        TokenSequence some = longest();
        int start = some.turns().get(0).start();
        int[] ids = some.ids();
        ids[ids.length - 1] = Integer.MAX_VALUE;
        List<TokenSequence> foreign = List.of(new TokenSequence(ids, some.turns()));
        List<TokenSequence> twoTurns = List.of(
                new TokenSequence(some.ids(), List.of(new Span(start, start + 1), new Span(start + 2, start + 3))));
        try (ScalarModel model = open();
                ScalarPass pass = model.forward(sequences())) {
            for (List<TokenSequence> refused : List.of(foreign, twoTurns)) {
                assertThatThrownBy(() -> model.values(refused)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> model.forward(refused)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> pass.backward(new double[1][1])).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    default void closing_twice_is_harmless() {
        ScalarModel model = open();
        ScalarPass pass = model.forward(sequences());
        Optimizer optimizer = model.optimizer(Steps.adam());
        for (int i = 0; i < 2; i++) {
            pass.close();
            optimizer.close();
            model.close();
        }
    }

    private TokenSequence longest() {
        return sequences().subList(0, 2).stream()
                .filter(sequence -> sequence.scoredTokens() >= 3)
                .findFirst()
                .orElseThrow();
    }

    private ScalarModel trained(int steps) {
        ScalarModel model = open();
        try (Optimizer optimizer = model.optimizer(Steps.adam())) {
            ScalarSteps.train(model, optimizer, sequences(), steps);
        }
        return model;
    }

    private double[] trainedValues(int steps) {
        try (ScalarModel model = trained(steps)) {
            return ScalarSteps.flat(model.values(sequences()));
        }
    }

    /** After some training, since the gradient of the parameters below the output is 0 where the output's are 0. */
    private double withGradient(double sign, ScalarSteps.Measurement measurement) {
        try (ScalarModel model = trained(3);
                Optimizer optimizer = model.optimizer(Steps.plain(Double.POSITIVE_INFINITY))) {
            ScalarSteps.accumulate(model, sequences(), sign, 1);
            return measurement.of(model, optimizer);
        }
    }

    private double valueAfterStep(ScalarModel model, Optimizer optimizer, double rate) {
        optimizer.step(rate);
        return ScalarSteps.value(model.values(sequences()));
    }
}
