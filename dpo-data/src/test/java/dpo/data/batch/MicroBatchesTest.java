package dpo.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MicroBatchesTest {

    private static final int[] TOKENS = new SplittableRandom(5).ints(200, 1, 60).toArray();

    private static int tokens(List<Integer> examples) {
        return examples.stream().mapToInt(example -> TOKENS[example]).sum();
    }

    @Test
    void micro_batches_of_examples_by_hand_are_in_their_order() {
        assertThat(new MicroBatches.OfExamples(2).cut(List.of(4, 0, 2, 3, 1), new int[5]))
                .containsExactly(List.of(4, 0), List.of(2, 3), List.of(1));
    }

    @Test
    void micro_batches_of_tokens_by_hand_are_best_fit_decreasing() {
        int[] tokens = {2, 6, 1, 7, 3, 1};
        assertThat(new MicroBatches.OfTokens(10).cut(tokens)).containsExactly(List.of(3, 4), List.of(1, 0, 2, 5));
        assertThat(new MicroBatches.OfTokens(9).cut(tokens))
                .containsExactly(List.of(3, 0), List.of(1, 4), List.of(2, 5));
    }

    @Test
    void examples_of_one_length_stay_in_their_order() {
        assertThat(new MicroBatches.OfTokens(7).cut(List.of(3, 1, 0, 2), new int[] {3, 3, 3, 3}))
                .containsExactly(List.of(3, 1), List.of(0, 2));
    }

    @Test
    void an_example_longer_than_the_budget_is_a_micro_batch_of_its_own() {
        assertThat(new MicroBatches.OfTokens(4).cut(new int[] {1, 5, 4, 9, 1}))
                .containsExactly(List.of(3), List.of(1), List.of(2), List.of(0, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 59, 100, 1000, Integer.MAX_VALUE})
    void every_example_is_in_one_micro_batch_within_the_budget_and_no_two_of_these_fit_into_one(int budget) {
        List<List<Integer>> cut = new MicroBatches.OfTokens(budget).cut(TOKENS);
        assertThat(cut.stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, TOKENS.length).boxed().toList());
        assertThat(cut).allMatch(examples -> tokens(examples) <= budget || examples.size() == 1);
        for (int i = 0; i < cut.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertThat(tokens(cut.get(i)) + tokens(cut.get(j))).isGreaterThan(budget);
            }
        }
    }

    @Test
    void the_number_of_micro_batches_depends_on_lengths_and_not_on_order() {
        MicroBatches ofTokens = new MicroBatches.OfTokens(100);
        List<Integer> other =
                new ArrayList<>(IntStream.range(0, TOKENS.length).boxed().toList());
        Collections.shuffle(other, new Random(1));
        assertThat(ofTokens.cut(other, TOKENS))
                .hasSameSizeAs(ofTokens.cut(TOKENS))
                .isNotEqualTo(ofTokens.cut(TOKENS));
        assertThat(ofTokens.cut(TOKENS)).isEqualTo(ofTokens.cut(TOKENS));
    }

    @Test
    void no_division_has_more_micro_batches_than_its_maximum() {
        assertThat(new MicroBatches.OfExamples(3).atMost(7)).isEqualTo(3);
        assertThat(new MicroBatches.OfExamples(3).atMost(6)).isEqualTo(2);
        assertThat(new MicroBatches.OfExamples(9).atMost(Integer.MAX_VALUE)).isEqualTo(238609295);
        assertThat(new MicroBatches.OfTokens(3).atMost(7)).isEqualTo(7);
        assertThat(new MicroBatches.OfTokens(1).cut(TOKENS)).hasSize(TOKENS.length);
    }

    @Test
    void no_examples_need_no_micro_batch() {
        assertThat(new MicroBatches.OfExamples(3).cut(List.of(), TOKENS)).isEmpty();
        assertThat(new MicroBatches.OfTokens(3).cut(List.of(), TOKENS)).isEmpty();
    }

    @Test
    void numbers_below_one_are_refused() {
        assertThatThrownBy(() -> new MicroBatches.OfExamples(0))
                .hasMessage("micro_batch_size must be at least 1, got 0");
        assertThatThrownBy(() -> new MicroBatches.OfTokens(0))
                .hasMessage("micro_batch_tokens must be at least 1, got 0");
    }
}
