package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SharesTest {

    @Test
    void the_largest_micro_batch_goes_first_and_each_to_the_rank_with_the_fewest_tokens() {
        assertThat(Shares.of(new long[] {3, 9, 4, 6, 2}, 2)).containsExactly(List.of(0, 1), List.of(2, 3, 4));
        assertThat(Shares.of(new long[] {5, 5, 5, 5}, 2)).containsExactly(List.of(0, 2), List.of(1, 3));
    }

    @Test
    void as_many_ranks_as_micro_batches_have_one_each_in_order() {
        assertThat(Shares.of(new long[] {1, 7, 3}, 3)).containsExactly(List.of(0), List.of(1), List.of(2));
    }

    @Test
    void ranks_beyond_the_micro_batches_have_none() {
        assertThat(Shares.of(new long[] {4}, 3)).containsExactly(List.of(0), List.of(), List.of());
    }

    @Test
    void each_micro_batch_has_one_rank_and_loads_differ_by_one_micro_batch_at_most() {
        SplittableRandom random = new SplittableRandom(1);
        for (int ranks = 1; ranks <= 5; ranks++) {
            long[] tokens = LongStream.generate(() -> random.nextLong(1, 100))
                    .limit(5 + random.nextInt(20))
                    .toArray();
            List<List<Integer>> shares = Shares.of(tokens, ranks);
            assertThat(shares.stream().flatMap(List::stream))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, tokens.length).boxed().toList());
            long[] loads = shares.stream()
                    .mapToLong(share ->
                            share.stream().mapToLong(each -> tokens[each]).sum())
                    .toArray();
            assertThat(LongStream.of(loads).max().orElseThrow()
                            - LongStream.of(loads).min().orElseThrow())
                    .isLessThanOrEqualTo(LongStream.of(tokens).max().orElseThrow());
        }
    }
}
