package dpo.core.backend;

import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.TokenSequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Laws that the {@link Policy} of every backend must satisfy; those of the distribution of the next token are in {@link
 * NextTokenContract}, those of optional abilities in {@link OptionalBackendContract}. A test class of a backend implements the two abstract methods, may widen {@link
 * #tolerance()}, and inherits the tests.
 */
public interface BackendContract extends OptionalBackendContract {

    @Test
    default void log_probs_have_the_rows_and_turns_of_the_sequences() {
        try (Policy policy = open();
                ForwardPass pass = policy.forward(sequences())) {
            assertThat(sequences())
                    .hasSizeGreaterThanOrEqualTo(4)
                    .anyMatch(sequence -> sequence.turns().size() > 1);
            assertThat(policy.logProbs(sequences()).shape()).isEqualTo(TokenShape.of(sequences()));
            assertThat(pass.logProbs().shape()).isEqualTo(TokenShape.of(sequences()));
        }
    }

    @Test
    default void log_probs_equal_those_of_probabilities() {
        try (Policy policy = open()) {
            assertThat(policy.logProbs(sequences()).toArray())
                    .satisfies(all -> assertThat(Arrays.stream(all)).allMatch(p -> p <= tolerance() && p > -1e4));
        }
    }

    @Test
    default void a_forward_pass_gives_the_log_probs_of_the_policy() {
        try (Policy policy = open();
                ForwardPass pass = policy.forward(sequences())) {
            assertAllClose(
                    "log-probs of a forward pass",
                    pass.logProbs().toArray(),
                    policy.logProbs(sequences()).toArray(),
                    tolerance());
        }
    }

    @Test
    default void a_sequence_has_the_same_log_probs_in_any_batch() {
        try (Policy policy = open()) {
            TokenLogProbs together = policy.logProbs(sequences());
            for (int row = 0; row < sequences().size(); row++) {
                TokenLogProbs alone = policy.logProbs(sequences().subList(row, row + 1));
                assertAllClose("log-probs of a sequence alone", alone.row(0), together.row(row), tolerance());
            }
        }
    }

    @Test
    default void a_scored_turn_has_the_same_log_probs_when_earlier_turns_are_context_only() {
        TokenSequence both = sequences().stream()
                .filter(s -> s.turns().size() > 1)
                .findFirst()
                .orElseThrow();
        TokenSequence last = new TokenSequence(
                both.ids(), both.turns().subList(1, both.turns().size()));
        try (Policy policy = open()) {
            double[] of = policy.logProbs(List.of(both)).row(0);
            assertAllClose(
                    "log-probs of the last turn",
                    policy.logProbs(List.of(last)).row(0),
                    Arrays.copyOfRange(of, of.length - last.scoredTokens(), of.length),
                    tolerance());
        }
    }

    /**
     * With a large ε Adam's first step is gradient descent, θ ∓ ηg. Then Φ = Σ g_i log π(y_i) changes between the two
     * ends by 2η‖g‖², up to η³, if and only if the reported norm belongs to the gradient of backward.
     */
    @Test
    default void backward_gives_the_gradient_of_the_log_probs() {
        double norm = withGradient(1, (policy, optimizer) -> optimizer.step(0));
        double change = 0.01;
        double rate = change / (norm * norm) * Steps.LARGE_EPSILON;
        double up = withGradient(-1, (policy, optimizer) -> valueAfterStep(policy, optimizer, rate));
        double down = withGradient(1, (policy, optimizer) -> valueAfterStep(policy, optimizer, rate));
        assertThat(norm).isPositive();
        assertThat(up - down).isCloseTo(2 * change, within(0.02 * change + 100 * tolerance()));
    }

    @Test
    default void the_gradient_norm_is_clipped_to_its_maximum() {
        double norm = withGradient(1, (policy, optimizer) -> optimizer.step(0));
        double rate = 0.01 / (norm * norm) * Steps.LARGE_EPSILON;
        double before = Steps.value(openedLogProbs());
        double full = before - withGradient(1, (policy, optimizer) -> valueAfterStep(policy, optimizer, rate));
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.plain(norm / 4))) {
            Steps.accumulate(policy, sequences(), 1);
            assertThat(optimizer.step(rate)).isCloseTo(norm, within(1e-5 * norm));
            assertThat(before - Steps.value(policy.logProbs(sequences())))
                    .isCloseTo(full / 4, within(0.02 * full + 100 * tolerance()));
        }
    }

    @Test
    default void backward_passes_of_split_batches_add_up_to_that_of_the_whole() {
        double[][] after = new double[2][];
        double[] norms = new double[2];
        for (int parts = 1; parts <= 2; parts++) {
            try (Policy policy = open();
                    Optimizer optimizer = policy.optimizer(Steps.plain(Double.POSITIVE_INFINITY))) {
                Steps.accumulate(policy, sequences(), 1, parts);
                norms[parts - 1] = optimizer.step(0.01 * Steps.LARGE_EPSILON);
                after[parts - 1] = policy.logProbs(sequences()).toArray();
            }
        }
        assertThat(norms[1]).isCloseTo(norms[0], within(100 * tolerance() * norms[0]));
        assertAllClose("log-probs after the step", after[1], after[0], 100 * tolerance());
    }

    @Test
    default void a_step_clears_the_gradient() {
        assertThat(withGradient(1, (policy, optimizer) -> optimizer.step(0))).isPositive();
        assertThat(withGradient(1, (policy, optimizer) -> optimizer.step(0) + optimizer.step(0)))
                .isEqualTo(withGradient(1, (policy, optimizer) -> optimizer.step(0)));
    }

    @Test
    default void a_nan_gradient_leaves_the_policy_unchanged() {
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.adam())) {
            try (ForwardPass pass = policy.forward(sequences())) {
                double[] gradient = new double[pass.logProbs().shape().tokens()];
                gradient[0] = Double.NaN;
                pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
            }
            assertThat(optimizer.step(0.1)).isNaN();
            assertThat(policy.logProbs(sequences()).toArray())
                    .containsExactly(openedLogProbs().toArray());
            Steps.accumulate(policy, sequences(), 1);
            assertThat(optimizer.step(0.1)).isFinite().isPositive();
        }
    }

    @Test
    default void repeated_training_is_bit_identical() {
        assertThat(trained(3)).containsExactly(trained(3)).isNotEqualTo(trained(2));
    }

    @Test
    default void restored_policies_and_optimizers_continue_bit_identically(@TempDir Path folder) throws Exception {
        Path weights = Files.createDirectory(folder.resolve("weights"));
        Path state = Files.createDirectory(folder.resolve("state"));
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.adam())) {
            Steps.train(policy, optimizer, sequences(), 2);
            policy.save(weights);
            optimizer.save(state);
        }
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.adam())) {
            policy.restore(weights);
            assertThat(policy.logProbs(sequences()).toArray()).containsExactly(trained(2));
            optimizer.restore(state);
            Steps.train(policy, optimizer, sequences(), 2);
            assertThat(policy.logProbs(sequences()).toArray()).containsExactly(trained(4));
        }
    }

    @Test
    default void the_fingerprint_equals_that_of_the_policy_when_it_was_opened() {
        try (Policy policy = open();
                Policy other = open();
                Optimizer optimizer = policy.optimizer(Steps.adam())) {
            Steps.train(policy, optimizer, sequences(), 1);
            assertThat(policy.fingerprint()).isNotBlank().isEqualTo(other.fingerprint());
        }
    }

    @Test
    default void a_token_outside_the_vocabulary_is_refused() {
        try (Policy policy = open()) {
            int[] ids = sequences().get(0).ids();
            ids[ids.length - 1] = policy.vocabularySize();
            TokenSequence foreign = new TokenSequence(ids, sequences().get(0).turns());
            assertThatThrownBy(() -> policy.logProbs(List.of(foreign)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(policy.vocabularySize()));
            assertThatThrownBy(() -> policy.forward(List.of(foreign))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    default void a_sequence_that_is_too_long_is_refused() {
        try (Policy policy = open()) {
            TokenSequence some = sequences().get(0);
            int[] ids = Arrays.copyOf(some.ids(), policy.maxLength() + 1);
            Arrays.fill(ids, some.length(), ids.length, some.id(some.length() - 1));
            TokenSequence tooLong = new TokenSequence(ids, some.turns());
            assertThatThrownBy(() -> policy.logProbs(List.of(tooLong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(policy.maxLength()));
        }
    }

    @Test
    default void opening_policies_on_another_thread_does_not_change_results() {
        try (Policy policy = open()) {
            double[] alone = policy.logProbs(sequences()).toArray();
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Integer> opening = CompletableFuture.supplyAsync(() -> {
                int opened = 0;
                while (opened == 0 || !done.get()) {
                    open().close();
                    opened++;
                }
                return opened;
            });
            for (int pass = 0; pass < 50; pass++) {
                assertThat(policy.logProbs(sequences()).toArray()).isEqualTo(alone);
            }
            done.set(true);
            assertThat(opening.join()).isPositive();
        }
    }

    @Test
    default void closing_twice_is_harmless() {
        Policy policy = open();
        ForwardPass pass = policy.forward(sequences());
        Optimizer optimizer = policy.optimizer(Steps.adam());
        for (int i = 0; i < 2; i++) {
            pass.close();
            optimizer.close();
            policy.close();
        }
    }

    private TokenLogProbs openedLogProbs() {
        try (Policy policy = open()) {
            return policy.logProbs(sequences());
        }
    }

    private double[] trained(int steps) {
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.adam())) {
            Steps.train(policy, optimizer, sequences(), steps);
            return policy.logProbs(sequences()).toArray();
        }
    }

    private double withGradient(double sign, Steps.Measurement measurement) {
        try (Policy policy = open();
                Optimizer optimizer = policy.optimizer(Steps.plain(Double.POSITIVE_INFINITY))) {
            Steps.accumulate(policy, sequences(), sign);
            return measurement.of(policy, optimizer);
        }
    }

    private double valueAfterStep(Policy policy, Optimizer optimizer, double rate) {
        optimizer.step(rate);
        return Steps.value(policy.logProbs(sequences()));
    }
}
