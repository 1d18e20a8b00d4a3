package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import dpo.core.sampling.NextToken;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Completions with the key-value cache against computation without one, in every family: windows shorter than the rows,
 * soft caps, learned positions, parallel layers, norms of queries and keys, scaled and partial rotary embedding, layers
 * without positions. The prompts share prefixes and have different lengths, so the cache has masked columns before the
 * shorter ones.
 */
class SamplingIT {

    private static final double TOLERANCE = 2e-5;
    private static final int NEW_TOKENS = 12;

    static List<Arguments> variants() {
        return Variant.all().stream()
                .flatMap(variant -> IntStream.of(1, 2).mapToObj(threads -> Arguments.of(variant, threads)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void the_greedy_completion_equals_that_of_a_model_without_a_cache(Variant variant, int threads) {
        try (TorchPolicy policy = variant.read(threads)) {
            requireGreedy(policy, prompts(1), NEW_TOKENS);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void sampled_tokens_have_the_log_probs_of_the_finished_sequences(Variant variant, int threads) {
        try (TorchPolicy policy = variant.read(threads)) {
            requireLogProbs(policy, prompts(2), new Sampling(NEW_TOKENS, 2, 0.95));
        }
    }

    @Test
    void completions_of_a_transformers_checkpoint_equal_those_of_a_model_without_a_cache() {
        try (Policy policy = new TorchBackend().open(TorchModel.at(GoldenLlama.folder()), new Execution("cpu", 2), 0)) {
            requireGreedy(policy, prompts(1), 4);
            requireLogProbs(policy, prompts(2), Sampling.plain(NEW_TOKENS));
        }
    }

    /** More tokens than the cache's first chunk holds, with rows that end early. */
    @Test
    void rows_that_end_early_do_not_change_others_and_the_cache_grows() {
        for (Variant variant : List.of(new Variant("gemma2"), new Variant("gpt2"), new Variant("mistral"))) {
            try (TorchPolicy policy = variant.read(2)) {
                int room = policy.maxLength();
                List<SampledCompletion> free = policy.sample(prompts(5), Sampling.plain(room), Set.of());
                Set<Integer> ends =
                        Set.of(free.get(0).ids().get(3), free.get(1).ids().get(9));
                List<SampledCompletion> ended = policy.sample(prompts(5), Sampling.plain(room), ends);
                assertThat(ended.stream()
                                .map(each -> each.ids().size())
                                .distinct()
                                .count())
                        .isGreaterThan(1);
                for (int row = 0; row < free.size(); row++) {
                    assertThat(ended.get(row).ids())
                            .isEqualTo(free.get(row)
                                    .ids()
                                    .subList(0, ended.get(row).ids().size()));
                }
                requireLogProbs(policy, prompts(5), Sampling.plain(room));
            }
        }
    }

    @Test
    void sampling_changes_neither_gradients_nor_training() {
        Variant variant = new Variant("qwen3");
        double[][] logProbs = new double[2][];
        for (int i = 0; i < 2; i++) {
            try (TorchPolicy policy = variant.read(2)) {
                if (i == 1) {
                    policy.sample(prompts(1), Sampling.plain(5), Set.of());
                }
                logProbs[i] = policy.logProbs(Variant.sequences()).toArray();
                assertThat(policy.parameters().all().values())
                        .allMatch(parameter -> !parameter.grad().defined());
            }
        }
        assertThat(logProbs[1]).containsExactly(logProbs[0]);
    }

    private static void requireGreedy(Policy policy, List<Prompt> prompts, int tokens) {
        List<SampledCompletion> greedy = policy.sample(prompts, Sampling.greedy(tokens), Set.of());
        for (int row = 0; row < prompts.size(); row++) {
            List<Integer> ids = new ArrayList<>(prompts.get(row).ids());
            for (int token : greedy.get(row).ids()) {
                double[] all = distribution(policy, ids);
                double greatest = Arrays.stream(all).max().orElseThrow();
                assertThat(all[token]).isCloseTo(greatest, within(TOLERANCE));
                // If the most probable token is unambiguous, it is chosen.
                long near =
                        Arrays.stream(all).filter(p -> p > greatest - TOLERANCE).count();
                if (near == 1) {
                    assertThat(token)
                            .isEqualTo(new NextToken(all).draw(Sampling.greedy(1), new RandomStreams(0).stream("")));
                }
                ids.add(token);
            }
        }
    }

    /** log π of every token that may follow a row. */
    private static double[] distribution(Policy policy, List<Integer> ids) {
        int[] prompt = ids.stream().mapToInt(Integer::intValue).toArray();
        return policy.logProbs(IntStream.range(0, policy.vocabularySize())
                        .mapToObj(token -> TokenSequence.of(prompt, new int[] {token}))
                        .toList())
                .toArray();
    }

    private static void requireLogProbs(Policy policy, List<Prompt> prompts, Sampling settings) {
        List<SampledCompletion> drawn = policy.sample(prompts, settings, Set.of());
        for (int row = 0; row < prompts.size(); row++) {
            List<Integer> ids = new ArrayList<>(prompts.get(row).ids());
            int start = ids.size();
            ids.addAll(drawn.get(row).ids());
            int[] whole = ids.stream().mapToInt(Integer::intValue).toArray();
            TokenSequence sequence = new TokenSequence(whole, List.of(new Span(start, whole.length)));
            assertThat(drawn.get(row).logProbs().stream()
                            .mapToDouble(Double::doubleValue)
                            .toArray())
                    .containsExactly(policy.logProbs(List.of(sequence)).row(0), within(TOLERANCE));
        }
    }

    private static List<Prompt> prompts(long seed) {
        RandomStreams streams = new RandomStreams(seed);
        return IntStream.range(0, Variant.sequences().size())
                .mapToObj(row -> {
                    int[] ids = Variant.sequences().get(row).ids();
                    List<Integer> begin = IntStream.of(ids)
                            .limit(Math.max(1, ids.length - 1 - row))
                            .boxed()
                            .toList();
                    return new Prompt(begin, streams.stream("sample/" + row));
                })
                .toList();
    }
}
