package dpo.core.logprob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenShapeTest {

    private final TokenShape shape = TokenShape.ofTurns(new int[] {2, 3}, new int[0], new int[] {1});

    @Test
    void rows_and_turns_are_contiguous() {
        assertThat(shape.rows()).isEqualTo(3);
        assertThat(shape.tokens()).isEqualTo(6);
        assertThat(List.of(shape.start(0), shape.end(0), shape.tokens(0), shape.turns(0)))
                .containsExactly(0, 5, 5, 2);
        assertThat(List.of(shape.start(1), shape.end(1), shape.tokens(1), shape.turns(1)))
                .containsExactly(5, 5, 0, 0);
        assertThat(List.of(shape.start(2), shape.end(2), shape.tokens(2), shape.turns(2)))
                .containsExactly(5, 6, 1, 1);
        assertThat(List.of(shape.turnStart(0, 1), shape.turnEnd(0, 1))).containsExactly(2, 5);
        assertThat(shape.turnLengths()).isDeepEqualTo(new int[][] {{2, 3}, {}, {1}});
    }

    @Test
    void the_shape_of_sequences_equals_that_of_their_scored_turns() {
        TokenSequence sequence = new TokenSequence(new int[9], List.of(new Span(2, 4), new Span(5, 8)));
        assertThat(TokenShape.of(List.of(sequence, TokenSequence.of(new int[1], new int[4]))))
                .isEqualTo(TokenShape.ofTurns(new int[] {2, 3}, new int[] {4}));
    }

    @Test
    void joined_slices_equal_the_whole_shape() {
        for (int cut = 0; cut <= 3; cut++) {
            assertThat(shape.rows(0, cut).then(shape.rows(cut, 3)))
                    .isEqualTo(shape)
                    .hasSameHashCodeAs(shape);
        }
        assertThat(shape.rows(1, 3)).isEqualTo(TokenShape.ofTurns(new int[0], new int[] {1}));
    }

    @Test
    void an_empty_turn_and_an_index_without_a_turn_are_refused() {
        assertThatThrownBy(() -> TokenShape.ofTurns(new int[] {1}, new int[] {1, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a turn must hold at least 1 token, got 0 (row 1)");
        assertThatThrownBy(() -> shape.turnStart(0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("turn must be in [0, 2), got 2 (row 0)");
        assertThatThrownBy(() -> shape.turnEnd(1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> shape.turnEnd(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
