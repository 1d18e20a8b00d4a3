package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.backend.ScalarModel;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.world.ControlledWorld;
import dpo.torch.model.NeuralWorld;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeuralWorldIT {

    private static final NeuralWorld WORLD = new NeuralWorld(4, 4, 2, 3, 1.0, 1.0, 16, 1, 2, 400, 64, 1e-2, 0);
    private static final Execution CPU = new Execution("cpu", 2);

    /** One backend for all policies, as in a program: the transformer is pre-trained once. */
    private static final TorchBackend BACKEND = new TorchBackend();

    private static Policy open(long seed) {
        return BACKEND.open(TorchModel.of(WORLD), CPU, seed);
    }

    private static RewardAndKl point(Policy policy) {
        return policy.exactEvaluation().orElseThrow().policy();
    }

    @Test
    void policies_of_all_seeds_begin_at_the_reference() {
        try (Policy one = open(1);
                Policy other = open(2);
                Policy again = new TorchBackend().open(TorchModel.of(WORLD), CPU, 1)) {
            assertThat(one.fingerprint()).isEqualTo(other.fingerprint()).isEqualTo(again.fingerprint());
            assertThat(point(one)).isEqualTo(point(other)).isEqualTo(point(again));
            assertThat(point(one).kl()).isZero();
            assertThat(point(one).reward())
                    .isCloseTo(
                            one.exactEvaluation()
                                    .orElseThrow()
                                    .optimum(Double.POSITIVE_INFINITY)
                                    .reward(),
                            within(1e-12));
        }
    }

    @Test
    void pre_training_brings_the_transformer_close_to_the_reference_of_the_world() {
        NeuralWorld untrained = new NeuralWorld(4, 4, 2, 3, 1.0, 1.0, 16, 1, 2, 0, 64, 1e-2, 0);
        try (Policy policy = open(1);
                Policy before = BACKEND.open(TorchModel.of(untrained), CPU, 1)) {
            assertThat(divergenceFromWorld(policy)).isCloseTo(0, within(0.05));
            assertThat(divergenceFromWorld(before)).isGreaterThan(1);
        }
    }

    @Test
    void sft_brings_a_transformer_from_another_domain_to_the_world() {
        NeuralWorld tuned = new NeuralWorld(4, 4, 2, 3, 1.0, 1.0, 16, 1, 2, 200, 64, 1e-2, 200);
        NeuralWorld barely = new NeuralWorld(4, 4, 2, 3, 1.0, 1.0, 16, 1, 2, 200, 64, 1e-2, 1);
        try (Policy policy = BACKEND.open(TorchModel.of(tuned), CPU, 1);
                Policy before = BACKEND.open(TorchModel.of(barely), CPU, 1)) {
            assertThat(divergenceFromWorld(policy)).isCloseTo(0, within(0.06));
            assertThat(divergenceFromWorld(before)).isGreaterThan(0.5);
            assertThat(point(policy).kl()).isZero();
        }
    }

    /** The mean of {@code log p_world(y|x) − log π(y|x)} over completions of the world. */
    private static double divergenceFromWorld(Policy policy) {
        ControlledWorld world = WORLD.controlled();
        RandomGenerator random = new RandomStreams(9).stream("completions");
        List<TokenSequence> rows = new ArrayList<>();
        double ofWorld = 0;
        for (int i = 0; i < 2000; i++) {
            int prompt = i % 2;
            int[] completion = world.reference().sample(prompt, random);
            int state = prompt;
            for (int token : completion) {
                ofWorld += world.reference().logProb(state * 4 + token);
                state = world.shape().next(state, token);
            }
            rows.add(TokenSequence.of(new int[] {4 + prompt}, completion));
        }
        return (ofWorld - Arrays.stream(policy.logProbs(rows).toArray()).sum()) / rows.size();
    }

    @Test
    void exact_reward_and_divergence_are_the_means_over_samples() {
        try (Policy reference = open(1);
                Policy policy = open(1)) {
            List<TokenSequence> rows = pairs(20).stream()
                    .flatMap(pair -> pair.completions().stream())
                    .toList();
            Opened.train(policy, rows, 20);
            RewardAndKl exact = point(policy);
            List<TokenSequence> samples = samples(policy, 4000);
            double[] rewards = policy.trueReward().orElseThrow().rewards(samples);
            TokenLogProbs ofPolicy = policy.logProbs(samples);
            TokenLogProbs ofReference = reference.logProbs(samples);
            double[] ratios = new double[samples.size()];
            Arrays.setAll(
                    ratios,
                    row -> Arrays.stream(ofPolicy.row(row)).sum()
                            - Arrays.stream(ofReference.row(row)).sum());
            assertThat(exact.kl()).isGreaterThan(0.05);
            assertThat(mean(rewards)).isCloseTo(exact.reward(), within(4 * standardError(rewards)));
            assertThat(mean(ratios)).isCloseTo(exact.kl(), within(4 * standardError(ratios)));
        }
    }

    private static List<TokenSequence> samples(Policy policy, int n) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            prompts.add(new Prompt(List.of(4 + i % 2), new RandomStreams(i).stream("samples")));
        }
        List<SampledCompletion> completions = policy.sample(prompts, Sampling.plain(8), Set.of());
        List<TokenSequence> rows = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            rows.add(TokenSequence.of(
                    new int[] {4 + i % 2},
                    completions.get(i).ids().stream()
                            .mapToInt(Integer::intValue)
                            .toArray()));
        }
        return rows;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double standardError(double[] values) {
        double mean = mean(values);
        return Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum()) / values.length;
    }

    private static List<Preference> pairs(int n) {
        return BACKEND.sampler(TorchModel.of(WORLD)).orElseThrow().samplePairs(n, new RandomStreams(1).stream("pairs"));
    }

    @Test
    void no_policy_is_above_the_optima() {
        try (Policy policy = open(1)) {
            for (int i = 0; i < 5; i++) {
                Opened.train(
                        policy,
                        pairs(8).stream()
                                .flatMap(pair -> Stream.of(pair.completions().get(0)))
                                .toList(),
                        5);
                RewardAndKl point = point(policy);
                for (double beta : new double[] {0.1, 0.5, 2}) {
                    RewardAndKl optimum = policy.exactEvaluation().orElseThrow().optimum(beta);
                    assertThat(point.reward() - beta * point.kl()).isLessThan(optimum.reward() - beta * optimum.kl());
                }
            }
        }
    }

    @Test
    void a_saved_policy_is_restored_and_opens_as_a_checkpoint(@TempDir Path folder) {
        try (Policy policy = open(1);
                Policy other = open(1)) {
            List<TokenSequence> rows = List.of(pairs(1).get(0).completions().get(0));
            Opened.train(policy, rows, 3);
            policy.save(folder);
            other.restore(folder);
            assertThat(point(other)).isEqualTo(point(policy));
            try (Policy plain = BACKEND.open(TorchModel.at(folder), CPU, 1)) {
                assertThat(plain.logProbs(rows).toArray())
                        .containsExactly(policy.logProbs(rows).toArray());
                assertThat(plain.exactEvaluation()).isEmpty();
            }
            assertThat(policy.tokenizerFolder()).isEmpty();
        }
    }

    @Test
    void scalar_models_of_a_world_have_the_pre_trained_body() {
        try (ScalarModel one = BACKEND.openScalar(TorchModel.of(WORLD), CPU, 1);
                ScalarModel other = BACKEND.openScalar(TorchModel.of(WORLD), CPU, 2)) {
            assertThat(one.fingerprint()).isEqualTo(other.fingerprint());
        }
    }

    @Test
    void a_world_that_cannot_be_enumerated_is_refused() {
        assertThatThrownBy(() -> new NeuralWorld(8, 8, 4, 0, 1.0, 1.0, 32, 2, 4, 1000, 128, 3e-3, 0))
                .hasMessageContaining("length must give, with vocabulary and prompts, at most 1048576");
        assertThatThrownBy(() -> new NeuralWorld(6, 5, 4, 0, 1.0, 1.0, 30, 2, 4, 1000, 128, 3e-3, 0))
                .hasMessage("hidden_size must be a multiple of 2 * heads = 8, got 30");
    }
}
