package dpo.core.tabular;

import static dpo.core.tabular.TabularBackendTest.MODEL;
import static dpo.core.tabular.TabularBackendTest.SEQUENCES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.StatisticRequest;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TabularPolicyTest {

    @TempDir
    Path folder;

    private final ControlledWorld world = MODEL.world();
    private final TabularPolicy policy = new TabularPolicy(MODEL);

    @Test
    void a_policy_starts_exactly_as_the_reference() {
        var exact = policy.exactEvaluation().orElseThrow();
        assertThat(exact.policy()).isEqualTo(world.evaluate(world.reference()));
        assertThat(exact.policy().kl()).isZero();
        // Prompt 5 is state 1, and token 2 at the first position leads to the state 2 prompts + 1.
        assertThat(policy.logProbs(List.of(TokenSequence.of(new int[] {5}, new int[] {2, 3})))
                        .row(0))
                .containsExactly(
                        world.reference().logProb(4 + 2), world.reference().logProb(3 * 4 + 3));
    }

    @Test
    void probabilities_of_the_tokens_of_a_state_sum_to_one() {
        double sum = 0;
        for (int token = 0; token < 4; token++) {
            sum += Math.exp(policy.logProbs(List.of(TokenSequence.of(new int[] {4, 1, 2}, new int[] {token})))
                    .at(0));
        }
        assertThat(sum).isCloseTo(1, within(1e-14));
    }

    @Test
    void impossible_sequences_are_refused() {
        assertRefused(new int[] {4}, new int[] {0, 1}, "completion must stop with the end token 0, got 1 (sequence 1)");
        assertRefused(new int[] {1}, new int[] {0}, "first token must be a prompt in [4, 6), got 1 (sequence 1)");
        assertRefused(new int[] {4}, new int[] {5}, "completion token must be in [0, 4), got 5 (sequence 1)");
        assertRefused(new int[] {4}, new int[] {1, 1, 1, 1, 1, 1}, "sequence must have at most 6 tokens, got 7");
    }

    @Test
    void the_gradient_equals_that_of_finite_differences_in_every_logit() throws Exception {
        double[] logits = world.referenceLogits();
        TokenGradient outer = TokenGradient.of(
                TokenShape.of(SEQUENCES),
                new RandomStreams(1)
                        .stream("test")
                                .doubles(
                                        SEQUENCES.stream()
                                                .mapToInt(TokenSequence::scoredTokens)
                                                .sum(),
                                        -1,
                                        1)
                                .toArray());
        double[] gradient = gradient(outer);
        double step = 1e-3;
        for (int i = 0; i < logits.length; i++) {
            double difference = (8 * (value(outer, i, step) - value(outer, i, -step))
                            - (value(outer, i, 2 * step) - value(outer, i, -2 * step)))
                    / (12 * step);
            assertThat(gradient[i]).isCloseTo(difference, within(1e-8));
        }
        assertThat(Arrays.stream(gradient).filter(g -> Math.abs(g) > 1e-3).count())
                .isGreaterThan(20);
    }

    /** With ε = rate = 1e10 the first step is θ − g. */
    private double[] gradient(TokenGradient outer) throws Exception {
        AdamW plain = new AdamW(0, List.of(0.9, 0.999), 1e10, 0, Double.POSITIVE_INFINITY);
        try (Optimizer optimizer = policy.optimizer(plain);
                ForwardPass pass = policy.forward(SEQUENCES)) {
            pass.backward(outer);
            optimizer.step(1e10);
        }
        policy.save(Files.createDirectories(folder));
        double[] after =
                TableFile.read(weightsFile(), MODEL.toString(), world.shape().entries())[0];
        double[] before = world.referenceLogits();
        Arrays.setAll(after, i -> before[i] - after[i]);
        return after;
    }

    private double value(TokenGradient outer, int entry, double step) {
        double[] logits = world.referenceLogits();
        logits[entry] += step;
        TableFile.write(weightsFile(), MODEL.toString(), logits);
        policy.restore(folder);
        double[] logProbs = policy.logProbs(SEQUENCES).toArray();
        double sum = 0;
        for (int i = 0; i < logProbs.length; i++) {
            sum += outer.toArray()[i] * logProbs[i];
        }
        return sum;
    }

    @Test
    void a_forward_pass_gives_the_gradient_of_the_policy_at_its_time() {
        AdamW adam = new AdamW(0, List.of(0.9, 0.999), 1e-8, 0, Double.POSITIVE_INFINITY);
        TokenGradient ones = TokenGradient.ofRowSums(TokenShape.of(SEQUENCES), new double[] {1, 1, 1, 1, 1});
        try (Optimizer optimizer = policy.optimizer(adam)) {
            ForwardPass early = policy.forward(SEQUENCES);
            policy.forward(SEQUENCES).backward(ones);
            double norm = optimizer.step(0.5);
            early.backward(ones);
            assertThat(optimizer.step(0)).isEqualTo(norm);
            policy.forward(SEQUENCES).backward(ones);
            assertThat(optimizer.step(0)).isNotCloseTo(norm, within(1e-3));
        }
    }

    @Test
    void a_statistic_without_a_gradient_and_a_reference_of_another_world_are_refused() {
        StatisticRequest squares = new StatisticRequest(Set.of(TokenStatistic.LOG_SUM_SQUARED_PROBS), Optional.empty());
        ForwardPass pass = policy.forward(SEQUENCES, squares);
        TokenGradient zero = TokenGradient.zero(pass.logProbs().shape());
        assertThatThrownBy(() -> pass.backward(zero, Map.of(TokenStatistic.LOG_SUM_SQUARED_PROBS, zero)))
                .hasMessage("gradient must be of statistics that this backend differentiates (REFERENCE_KL), got"
                        + " [LOG_SUM_SQUARED_PROBS]");
        assertThatThrownBy(() -> new StatisticRequest(Set.of(TokenStatistic.REFERENCE_KL), Optional.empty()))
                .hasMessage("reference must be given for REFERENCE_KL and for nothing else, got none for"
                        + " [REFERENCE_KL]");
        assertThatThrownBy(() -> new StatisticRequest(Set.of(), Optional.of(policy)))
                .hasMessage("reference must be given for REFERENCE_KL and for nothing else, got one for []");
        TabularModel other = new TabularModel(4, 5, 2, 99, 1.0, 1.0);
        StatisticRequest elsewhere =
                new StatisticRequest(Set.of(TokenStatistic.REFERENCE_KL), Optional.of(new TabularPolicy(other)));
        assertThatThrownBy(() -> policy.forward(SEQUENCES, elsewhere))
                .hasMessageStartingWith("other policy must be of the same tabular model");
    }

    @Test
    void backward_accepts_one_gradient_of_the_right_shape() {
        ForwardPass pass = policy.forward(SEQUENCES);
        TokenGradient wrong = TokenGradient.zero(TokenShape.ofTurns(new int[] {1}));
        assertThatThrownBy(() -> pass.backward(wrong)).isInstanceOf(IllegalArgumentException.class);
        pass.backward(TokenGradient.zero(pass.logProbs().shape()));
        assertThatThrownBy(
                        () -> pass.backward(TokenGradient.zero(pass.logProbs().shape())))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void there_is_one_optimizer_at_a_time() {
        AdamW adam = new AdamW(0.1, List.of(0.9, 0.999), 1e-8, 0, 1);
        Optimizer first = policy.optimizer(adam);
        assertThatThrownBy(() -> policy.optimizer(adam)).isInstanceOf(IllegalStateException.class);
        first.close();
        policy.optimizer(adam);
        first.close();
        assertThatThrownBy(() -> policy.optimizer(adam)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void weights_of_another_world_or_a_broken_file_are_refused_and_change_nothing() throws Exception {
        new TabularPolicy(new TabularModel(4, 5, 2, 9, 1.0, 1.0)).save(folder);
        assertThatThrownBy(() -> policy.restore(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("seed=3")
                .hasMessageContaining("seed=9");
        policy.save(folder);
        byte[] whole = Files.readAllBytes(weightsFile());
        Files.write(weightsFile(), Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> policy.restore(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("truncated or damaged");
        assertThat(policy.exactEvaluation().orElseThrow().policy().kl()).isZero();
    }

    @Test
    void the_exact_evaluation_is_of_the_current_parameters() {
        MarkovPolicy optimum = world.optimum(0.5);
        double[] logits = new double[world.shape().entries()];
        Arrays.setAll(logits, optimum::logProb);
        TableFile.write(weightsFile(), MODEL.toString(), logits);
        policy.restore(folder);
        var exact = policy.exactEvaluation().orElseThrow();
        assertThat(exact.policy().reward()).isCloseTo(exact.optimum(0.5).reward(), within(1e-12));
        assertThat(exact.policy().kl())
                .isCloseTo(exact.optimum(0.5).kl(), within(1e-12))
                .isPositive();
    }

    private Path weightsFile() {
        return folder.resolve("tabular-weights.bin");
    }

    private void assertRefused(int[] prompt, int[] completion, String message) {
        TokenSequence impossible = TokenSequence.of(prompt, completion);
        assertThatThrownBy(() -> policy.logProbs(List.of(SEQUENCES.get(0), impossible)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
