package dpo.torch.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import dpo.torch.layout.PackedRows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The keys that each segment attends to. */
class VarlenIndexTest {

    /** Three completions of a prompt of 4 tokens, one of its prefix, and a separate row. */
    private static final PackedRows ROWS = new PackedRows(List.of(
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {1, 2}),
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {3, 4, 5}),
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {6}),
            TokenSequence.of(new int[] {7, 8}, new int[] {6}),
            TokenSequence.of(new int[] {5}, new int[] {4, 4})));

    private static final VarlenIndex INDEX = VarlenIndex.of(ROWS.segments());

    @Test
    void each_segment_attends_to_its_row_up_to_its_own_end() {
        assertThat(INDEX.queryEnds()).containsExactly(0, 6, 9, 10, 11, 14);
        assertThat(INDEX.keyEnds()).containsExactly(0, 6, 13, 18, 21, 24);
        assertThat(INDEX.keyIndices())
                .containsExactly(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 6, 7, 8, 0, 1, 2, 3, 9, 0, 1, 10, 11, 12, 13);
    }

    @Test
    void rows_without_a_shared_prefix_attend_only_to_themselves() {
        PackedRows apart = new PackedRows(List.of(
                TokenSequence.of(new int[] {1}, new int[] {2}), TokenSequence.of(new int[] {3}, new int[] {4})));
        VarlenIndex index = VarlenIndex.of(apart.segments());
        assertThat(index.keyIndices()).containsExactly(0, 1, 2, 3);
    }
}
