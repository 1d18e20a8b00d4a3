package dpo.core.tabular;

import static dpo.core.tabular.TabularBackendTest.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Completions sampled from the exact policy, of more than one token, so that the state must follow the tokens. */
class TabularSamplingTest {

    private static final int DRAWS = 40_000;

    private final TabularPolicy policy = new TabularPolicy(MODEL);

    @Test
    void completions_are_sampled_with_their_exact_probability() {
        Map<List<Integer>, Integer> counts = counts(Sampling.plain(10));
        int tested = 0;
        for (Map.Entry<List<Integer>, Integer> count : counts.entrySet()) {
            int[] completion =
                    count.getKey().stream().mapToInt(Integer::intValue).toArray();
            double probability =
                    Math.exp(DoubleStream.of(policy.logProbs(List.of(TokenSequence.of(new int[] {4}, completion)))
                                    .row(0))
                            .sum());
            if (probability > 0.002) {
                double deviation = Math.sqrt(probability * (1 - probability) / DRAWS);
                assertThat(count.getValue() / (double) DRAWS).isCloseTo(probability, within(4.5 * deviation));
                tested++;
            }
        }
        assertThat(tested).isGreaterThan(20);
    }

    @Test
    void a_lower_temperature_samples_likelier_completions_more_often_and_a_nucleus_has_fewer_of_them() {
        List<Integer> greedy =
                policy.sample(prompts(1), Sampling.greedy(10), Set.of()).get(0).ids();
        Map<List<Integer>, Integer> plain = counts(Sampling.plain(10));
        Map<List<Integer>, Integer> cold = counts(new Sampling(10, 0.5, 1));
        Map<List<Integer>, Integer> cut = counts(new Sampling(10, 1, 0.7));
        assertThat(cold.get(greedy)).isGreaterThan(plain.get(greedy));
        assertThat(cut.keySet()).isSubsetOf(plain.keySet()).hasSizeLessThan(plain.size());
    }

    @Test
    void a_completion_ends_with_an_end_token_or_at_the_last_position_or_at_max_new_tokens() {
        for (SampledCompletion each : policy.sample(prompts(200), Sampling.plain(10), Set.of())) {
            boolean ended = each.ids().get(each.ids().size() - 1) == 0;
            assertThat(each.end())
                    .isEqualTo(ended ? SampledCompletion.End.END_TOKEN : SampledCompletion.End.MAX_LENGTH);
            assertThat(each.ids()).hasSizeLessThanOrEqualTo(5);
            assertThat(each.ids().subList(0, each.ids().size() - 1)).doesNotContain(0);
        }
        assertThat(policy.sample(prompts(50), Sampling.plain(2), Set.of()))
                .allMatch(each -> each.ids().size() <= 2)
                .anyMatch(each -> each.end() == SampledCompletion.End.MAX_NEW_TOKENS);
    }

    @Test
    void prompts_without_a_completion_are_refused() {
        assertRefused(List.of(1), "first token must be a prompt in [4, 6), got 1 (sequence 1)");
        assertRefused(List.of(4, 0), "prompt must not end with the end token, got 0 (sequence 1)");
        assertRefused(List.of(4, 0, 1), "completion must stop with the end token 0, got 1 (sequence 1)");
        assertRefused(List.of(4, 1, 1, 1, 1, 1), "prompt must have fewer than 6 tokens, got 6 (prompt 1)");
    }

    private void assertRefused(List<Integer> ids, String message) {
        List<Prompt> prompts = List.of(prompts(1).get(0), new Prompt(ids, new RandomStreams(1).stream("sample")));
        assertThatThrownBy(() -> policy.sample(prompts, Sampling.plain(1), Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private Map<List<Integer>, Integer> counts(Sampling settings) {
        Map<List<Integer>, Integer> counts = new HashMap<>();
        policy.sample(prompts(DRAWS), settings, Set.of()).forEach(each -> counts.merge(each.ids(), 1, Integer::sum));
        return counts;
    }

    private static List<Prompt> prompts(int count) {
        RandomStreams streams = new RandomStreams(7);
        return IntStream.range(0, count)
                .mapToObj(i -> new Prompt(List.of(4), streams.stream("sample/" + i)))
                .toList();
    }
}
