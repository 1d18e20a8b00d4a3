package dpo.torch.block;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import dpo.torch.block.Runs.Run;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // scopes are opened and closed, not used
class RunsTest {

    private static final PackedRows TWO_PAIRS = new PackedRows(List.of(
            TokenSequence.of(new int[] {7, 8}, new int[] {1}),
            TokenSequence.of(new int[] {7, 8}, new int[] {2, 3}),
            TokenSequence.of(new int[] {9}, new int[] {4}),
            TokenSequence.of(new int[] {9}, new int[] {5})));

    @Test
    void segments_that_see_each_other_stay_together_whatever_the_number_of_tokens() {
        assertThat(Runs.of(TWO_PAIRS.segments(), 1)).containsExactly(new Run(0, 1), new Run(2, 3));
        assertThat(Runs.of(TWO_PAIRS.segments(), 7)).containsExactly(new Run(0, 1), new Run(2, 3));
        assertThat(Runs.of(TWO_PAIRS.segments(), 8)).containsExactly(new Run(0, 3));
    }

    @Test
    void rows_that_share_with_a_far_earlier_one_pull_all_between_into_their_run() {
        PackedRows far = new PackedRows(List.of(
                TokenSequence.of(new int[] {7, 8}, new int[] {1}),
                TokenSequence.of(new int[] {9}, new int[] {4}),
                TokenSequence.of(new int[] {7}, new int[] {5})));
        assertThat(Runs.of(far.segments(), 1)).containsExactly(new Run(0, 2));
    }

    @Test
    void a_query_sees_the_keys_of_its_own_row_up_to_itself() {
        // Packed: 7 8 1 | 2 3, the second row after 7 8.
        assertThat(mask(0, 1, OptionalInt.empty())).isEqualTo(List.of(
                "1....",
                "11...",
                "111..",
                "11.1.",
                "11.11"));
    }

    @Test
    void a_window_counts_positions_in_the_row() {
        assertThat(mask(0, 1, OptionalInt.of(2))).isEqualTo(List.of(
                "1....",
                "11...",
                ".11..",
                ".1.1.",
                "...11"));
        assertThat(mask(2, 3, OptionalInt.empty())).isEqualTo(List.of("1..", "11.", "1.1"));
    }

    private static List<String> mask(int first, int last, OptionalInt window) {
        try (PointerScope scope = new PointerScope()) {
            Tensor mask = Runs.mask(
                    TWO_PAIRS.segments(), new Run(first, last), Tensor.create(TWO_PAIRS.positions()), window);
            int size = (int) mask.size(0);
            float[] numbers = new float[size * size];
            new FloatPointer(mask.data_ptr()).get(numbers);
            return IntStream.range(0, size)
                    .mapToObj(row -> {
                        StringBuilder seen = new StringBuilder();
                        for (int key = 0; key < size; key++) {
                            seen.append(numbers[row * size + key] == 0 ? '1' : '.');
                        }
                        return seen.toString();
                    })
                    .toList();
        }
    }
}
