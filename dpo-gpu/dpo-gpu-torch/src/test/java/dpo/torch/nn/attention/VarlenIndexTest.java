package dpo.torch.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.sequence.TokenSequence;
import dpo.torch.layout.PackedRows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each segment sees. */
class VarlenIndexTest {

    /** Three continuations of a prompt of 4 tokens, one of its beginning, and a row by itself. */
    private static final PackedRows ROWS = new PackedRows(List.of(
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {1, 2}),
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {3, 4, 5}),
            TokenSequence.of(new int[] {7, 8, 9, 4}, new int[] {6}),
            TokenSequence.of(new int[] {7, 8}, new int[] {6}),
            TokenSequence.of(new int[] {5}, new int[] {4, 4})));

    private static final VarlenIndex SEEN = VarlenIndex.of(ROWS.segments());

    @Test
    void each_segment_sees_its_row_up_to_its_own_end() {
        assertThat(SEEN.queryEnds()).containsExactly(0, 6, 9, 10, 11, 14);
        assertThat(SEEN.keyEnds()).containsExactly(0, 6, 13, 18, 21, 24);
        assertThat(SEEN.keyIndices()).containsExactly(
                0, 1, 2, 3, 4, 5,
                0, 1, 2, 3, 6, 7, 8,
                0, 1, 2, 3, 9,
                0, 1, 10,
                11, 12, 13);
    }

    @Test
    void rows_that_share_nothing_see_themselves_alone() {
        PackedRows apart = new PackedRows(List.of(
                TokenSequence.of(new int[] {1}, new int[] {2}), TokenSequence.of(new int[] {3}, new int[] {4})));
        VarlenIndex seen = VarlenIndex.of(apart.segments());
        assertThat(seen.keyIndices()).containsExactly(0, 1, 2, 3);
    }
}
