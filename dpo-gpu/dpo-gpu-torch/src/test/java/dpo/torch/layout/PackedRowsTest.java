package dpo.torch.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.torch.layout.PackedRows.Prefix;
import dpo.torch.layout.PackedRows.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedRowsTest {

    @Test
    void a_prompt_that_two_rows_share_is_stored_once() {
        PackedRows rows = new PackedRows(List.of(
                TokenSequence.of(new int[] {7, 8, 9}, new int[] {1, 2}),
                TokenSequence.of(new int[] {7, 8, 9}, new int[] {3, 4, 5})));
        assertThat(rows.ids()).containsExactly(7, 8, 9, 1, 2, 3, 4, 5);
        assertThat(rows.positions()).containsExactly(0, 1, 2, 3, 4, 3, 4, 5);
        assertThat(rows.segments())
                .containsExactly(new Segment(0, 5, List.of()), new Segment(5, 3, List.of(new Prefix(0, 3))));
    }

    @Test
    void each_scored_token_is_predicted_from_the_token_before_it_in_its_row() {
        PackedRows rows = new PackedRows(List.of(
                TokenSequence.of(new int[] {7, 8, 9}, new int[] {1, 2}),
                TokenSequence.of(new int[] {7, 8, 9}, new int[] {3, 4, 5}),
                new TokenSequence(new int[] {7, 8, 6, 5}, List.of(new Span(1, 2), new Span(3, 4)))));
        assertThat(rows.scoredIds()).containsExactly(1, 2, 3, 4, 5, 8, 5);
        assertThat(rows.predictors()).containsExactly(2, 3, 2, 5, 6, 0, 8);
    }

    @Test
    void a_row_shares_the_longest_prefix_with_an_earlier_row() {
        PackedRows rows = new PackedRows(List.of(
                TokenSequence.of(new int[] {1, 2}, new int[] {3, 4}),
                TokenSequence.of(new int[] {1, 5, 6}, new int[] {7}),
                TokenSequence.of(new int[] {1, 5, 6, 8}, new int[] {9})));
        assertThat(rows.segments())
                .containsExactly(
                        new Segment(0, 4, List.of()),
                        new Segment(4, 3, List.of(new Prefix(0, 1))),
                        new Segment(7, 2, List.of(new Prefix(0, 1), new Prefix(1, 2))));
    }

    @Test
    void rows_that_equal_an_earlier_row_or_its_prefix_add_no_tokens() {
        TokenSequence row = TokenSequence.of(new int[] {1, 2}, new int[] {3, 4});
        PackedRows rows = new PackedRows(List.of(row, row, TokenSequence.of(new int[] {1}, new int[] {2, 3})));
        assertThat(rows.ids()).containsExactly(1, 2, 3, 4);
        assertThat(rows.scoredIds()).containsExactly(3, 4, 3, 4, 2, 3);
        assertThat(rows.predictors()).containsExactly(1, 2, 1, 2, 0, 1);
    }

    @Test
    void a_shared_prefix_of_prompts_is_stored_once_and_the_last_token_of_each_predicts() {
        PackedRows rows = PackedRows.ofPrompts(new int[][] {{1, 2, 3}, {1, 2}, {1, 2, 4, 5}, {6}});
        assertThat(rows.ids()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(rows.positions()).containsExactly(0, 1, 2, 2, 3, 0);
        assertThat(rows.predictors()).containsExactly(2, 1, 4, 5);
        assertThat(rows.packedIndices(0)).containsExactly(0, 1, 2);
        assertThat(rows.packedIndices(1)).containsExactly(0, 1);
        assertThat(rows.packedIndices(2)).containsExactly(0, 1, 3, 4);
        assertThat(rows.segments()).hasSize(3);
    }

    @Test
    void parts_have_consecutive_rows_and_about_equal_numbers_of_tokens() {
        PackedRows rows = new PackedRows(List.of(
                TokenSequence.of(new int[] {7, 8, 9, 6}, new int[] {1, 2}),
                TokenSequence.of(new int[] {7, 8, 9, 6}, new int[] {3}),
                TokenSequence.of(new int[] {2, 4}, new int[] {5}),
                TokenSequence.of(new int[] {2, 4}, new int[] {6, 7}),
                TokenSequence.of(new int[] {3}, new int[] {8, 9})));
        assertThat(rows.parts(2)).hasSize(2);
        assertThat(rows.parts(2).get(0).ids()).containsExactly(7, 8, 9, 6, 1, 2, 3);
        assertThat(rows.parts(2).get(1).ids()).containsExactly(2, 4, 5, 6, 7, 3, 8, 9);
        assertThat(rows.parts(2).get(1).scoredIds()).containsExactly(5, 6, 7, 8, 9);
    }

    @Test
    void rows_that_share_most_of_their_tokens_are_one_part() {
        PackedRows rows = new PackedRows(List.of(
                TokenSequence.of(new int[] {7, 8, 9, 6}, new int[] {1}),
                TokenSequence.of(new int[] {7, 8, 9, 6}, new int[] {2})));
        assertThat(rows.parts(2)).containsExactly(rows);
    }

    @Test
    void next_tokens_have_positions_and_are_not_packed_rows() {
        NextTokens rows = new NextTokens(new long[] {9, 9, 4}, new long[] {5, 0, 2});
        assertThat(rows.ids()).containsExactly(9, 9, 4);
        assertThat(rows.positions()).containsExactly(5, 0, 2);
        assertThat(rows.predictors()).containsExactly(0, 1, 2);
        assertThatThrownBy(rows::requirePacked)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got a block that needs whole sequences");
    }
}
