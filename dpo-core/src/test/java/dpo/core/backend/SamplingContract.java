package dpo.core.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.random.RandomStreams;
import dpo.core.sampling.Prompt;
import dpo.core.sampling.SampledCompletion;
import dpo.core.sampling.Sampling;
import dpo.core.sequence.TokenSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Laws of backends that can sample; a backend that cannot must throw the documented exception. The prompts are the
 * tokens before the first scored token of the {@link #sequences()}.
 */
public interface SamplingContract {

    /** A new small policy, with equal parameters at every call. */
    Policy open();

    /** At least four sequences of unequal lengths that the policy can score and continue. */
    List<TokenSequence> sequences();

    /** Largest difference, in nats, between two computations of the same log-probability. */
    double tolerance();

    /** Number of tokens that may end a sequence, from id 0 on. */
    int completionVocabulary(Policy policy);

    @Test
    default void the_log_probs_of_drawn_tokens_equal_those_of_the_finished_sequence() {
        try (Policy policy = open()) {
            if (cannotSample(policy)) {
                return;
            }
            List<Prompt> prompts = prompts(3);
            List<SampledCompletion> drawn = policy.sample(prompts, new Sampling(4, 1.5, 0.9), Set.of());
            for (int row = 0; row < drawn.size(); row++) {
                double[] scored = policy.logProbs(List.of(whole(prompts.get(row), drawn.get(row))))
                        .row(0);
                assertThat(drawn.get(row).logProbs()).hasSize(scored.length);
                for (int i = 0; i < scored.length; i++) {
                    assertThat(drawn.get(row).logProbs().get(i)).isCloseTo(scored[i], within(tolerance()));
                }
            }
        }
    }

    @Test
    default void a_completion_depends_only_on_its_prompt_and_stream() {
        try (Policy policy = open()) {
            if (cannotSample(policy)) {
                return;
            }
            Sampling settings = Sampling.plain(4);
            List<List<Integer>> together = ids(policy.sample(prompts(1), settings, Set.of()));
            for (int row = 0; row < together.size(); row++) {
                List<SampledCompletion> alone = policy.sample(prompts(1).subList(row, row + 1), settings, Set.of());
                assertThat(ids(alone)).containsExactly(together.get(row));
            }
            assertThat(IntStream.range(2, 12).mapToObj(seed -> ids(policy.sample(prompts(seed), settings, Set.of()))))
                    .anyMatch(other -> !other.equals(together));
        }
    }

    @Test
    default void the_greedy_completion_consists_of_the_tokens_with_the_greatest_log_prob() {
        try (Policy policy = open()) {
            if (cannotSample(policy)) {
                return;
            }
            List<Prompt> prompts = prompts(1);
            List<SampledCompletion> greedy = policy.sample(prompts, Sampling.greedy(3), Set.of());
            for (int row = 0; row < prompts.size(); row++) {
                List<Integer> ids = new ArrayList<>(prompts.get(row).ids());
                for (int token : greedy.get(row).ids()) {
                    ids.add(token);
                    double[] all = lastTokenDistribution(policy, ids);
                    double greatest = IntStream.range(0, all.length)
                            .mapToDouble(i -> all[i])
                            .max()
                            .orElseThrow();
                    assertThat(all[token]).isCloseTo(greatest, within(tolerance()));
                }
            }
        }
    }

    @Test
    default void an_end_token_ends_only_its_own_completion() {
        try (Policy policy = open()) {
            if (cannotSample(policy)) {
                return;
            }
            List<List<Integer>> free = ids(policy.sample(prompts(1), Sampling.plain(4), Set.of()));
            int end = free.stream()
                    .filter(ids -> ids.size() > 1)
                    .findFirst()
                    .orElseThrow()
                    .get(0);
            List<SampledCompletion> ended = policy.sample(prompts(1), Sampling.plain(4), Set.of(end));
            for (int row = 0; row < free.size(); row++) {
                int first = free.get(row).indexOf(end);
                List<Integer> expected =
                        first < 0 ? free.get(row) : free.get(row).subList(0, first + 1);
                assertThat(ended.get(row).ids()).isEqualTo(expected);
                if (first >= 0) {
                    assertThat(ended.get(row).end()).isEqualTo(SampledCompletion.End.END_TOKEN);
                }
            }
        }
    }

    @Test
    default void a_completion_ends_at_the_last_position_and_a_prompt_that_leaves_none_is_refused() {
        try (Policy policy = open()) {
            if (cannotSample(policy)) {
                return;
            }
            List<SampledCompletion> longest = policy.sample(prompts(1), Sampling.plain(policy.maxLength()), Set.of());
            for (int row = 0; row < longest.size(); row++) {
                int length = prompts(1).get(row).ids().size()
                        + longest.get(row).ids().size();
                assertThat(length).isLessThanOrEqualTo(policy.maxLength());
                assertThat(longest.get(row).end() == SampledCompletion.End.MAX_LENGTH)
                        .isEqualTo(length == policy.maxLength()
                                && longest.get(row).end() != SampledCompletion.End.END_TOKEN);
            }
            List<Integer> full = new ArrayList<>(prompts(1).get(0).ids());
            while (full.size() < policy.maxLength()) {
                full.add(1);
            }
            assertThatThrownBy(() -> policy.sample(List.of(prompt(full)), Sampling.plain(1), Set.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("prompt must have fewer than " + policy.maxLength() + " tokens");
            assertThatThrownBy(() -> policy.sample(
                            List.of(prompt(List.of(policy.vocabularySize()))), Sampling.plain(1), Set.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("token id must be below " + policy.vocabularySize());
            assertThat(policy.sample(List.of(), Sampling.plain(1), Set.of())).isEmpty();
        }
    }

    private boolean cannotSample(Policy policy) {
        try {
            policy.sample(prompts(1), Sampling.greedy(1), Set.of());
            return false;
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("backend must support sampling, got one that does not");
            return true;
        }
    }

    /** Log-probabilities of all tokens instead of the last one. */
    private double[] lastTokenDistribution(Policy policy, List<Integer> ids) {
        int[] context = ids.subList(0, ids.size() - 1).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        return NextTokens.logProbs(policy, context, completionVocabulary(policy));
    }

    private static TokenSequence whole(Prompt prompt, SampledCompletion completion) {
        return TokenSequence.of(
                prompt.ids().stream().mapToInt(Integer::intValue).toArray(),
                completion.ids().stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<List<Integer>> ids(List<SampledCompletion> completions) {
        return completions.stream().map(SampledCompletion::ids).toList();
    }

    private static Prompt prompt(List<Integer> ids) {
        return new Prompt(ids, new RandomStreams(1).stream("one"));
    }

    private List<Prompt> prompts(long seed) {
        RandomStreams streams = new RandomStreams(seed);
        return IntStream.range(0, sequences().size())
                .mapToObj(row -> {
                    TokenSequence sequence = sequences().get(row);
                    List<Integer> ids = IntStream.of(sequence.ids())
                            .limit(sequence.turns().get(0).start())
                            .boxed()
                            .toList();
                    return new Prompt(ids, streams.stream("sample/" + row));
                })
                .toList();
    }
}
