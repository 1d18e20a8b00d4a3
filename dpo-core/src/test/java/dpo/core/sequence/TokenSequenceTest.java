package dpo.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.TokenSequence.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenSequenceTest {

    private final TokenSequence twoTurns =
            new TokenSequence(new int[] {9, 8, 7, 6, 5, 4}, List.of(new Span(1, 3), new Span(4, 5)));

    @Test
    void a_prompt_with_a_completion_has_one_turn_the_completion() {
        TokenSequence sequence = TokenSequence.of(new int[] {1, 2}, new int[] {3, 4, 5});
        assertThat(sequence.ids()).containsExactly(1, 2, 3, 4, 5);
        assertThat(sequence.turns()).containsExactly(new Span(2, 5));
        assertThat(sequence.scoredTokens()).isEqualTo(3);
        assertThat(sequence.scoredIds()).containsExactly(3, 4, 5);
    }

    @Test
    void scored_ids_equal_those_of_the_turns_in_order() {
        assertThat(twoTurns.scoredIds()).containsExactly(8, 7, 5);
        assertThat(twoTurns.scoredTokens()).isEqualTo(3);
        assertThat(twoTurns.length()).isEqualTo(6);
        assertThat(twoTurns.id(3)).isEqualTo(6);
    }

    @Test
    void turns_may_be_adjacent() {
        assertThat(new TokenSequence(new int[] {1, 2, 3}, List.of(new Span(1, 2), new Span(2, 3))).scoredTokens())
                .isEqualTo(2);
    }

    @Test
    void a_sequence_does_not_share_its_ids() {
        int[] ids = {1, 2, 3};
        TokenSequence sequence = new TokenSequence(ids, List.of(new Span(1, 3)));
        ids[1] = 99;
        sequence.ids()[2] = 99;
        assertThat(sequence.ids()).containsExactly(1, 2, 3);
    }

    @Test
    void sequences_are_equal_by_ids_and_turns() {
        TokenSequence same = new TokenSequence(twoTurns.ids(), twoTurns.turns());
        assertThat(same).isEqualTo(twoTurns).hasSameHashCodeAs(twoTurns);
        assertThat(new TokenSequence(twoTurns.ids(), List.of(new Span(1, 3)))).isNotEqualTo(twoTurns);
        assertThat(TokenSequence.of(new int[] {1}, new int[] {2}))
                .isNotEqualTo(TokenSequence.of(new int[] {1}, new int[] {3}));
    }

    @Test
    void a_first_token_has_no_context_and_cannot_be_scored() {
        assertRefused(List.of(new Span(0, 2)), "turn must lie in [1, 4), got [0, 2)");
    }

    @Test
    void turns_that_overlap_or_leave_the_sequence_or_are_missing_are_refused() {
        assertRefused(List.of(new Span(1, 3), new Span(2, 4)), "turn must lie in [3, 4), got [2, 4)");
        assertRefused(List.of(new Span(2, 3), new Span(1, 2)), "turn must lie in [3, 4), got [1, 2)");
        assertRefused(List.of(new Span(2, 5)), "turn must lie in [1, 4), got [2, 5)");
        assertRefused(List.of(), "turns must hold at least one scored span, got none");
        assertThatThrownBy(() -> new Span(3, 3)).hasMessage("span must be 0 <= start < end, got [3, 3)");
        assertThatThrownBy(() -> new Span(-1, 3)).hasMessage("span must be 0 <= start < end, got [-1, 3)");
        assertThatThrownBy(() -> TokenSequence.of(new int[] {1}, new int[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_negative_id_is_refused() {
        assertThatThrownBy(() -> new TokenSequence(new int[] {1, -2}, List.of(new Span(1, 2))))
                .hasMessage("token id must be at least 0, got -2 (position 1)");
    }

    @Test
    void a_batch_scores_the_completions_of_each_preference_best_first() {
        TokenSequence a = TokenSequence.of(new int[] {1}, new int[] {2});
        TokenSequence b = TokenSequence.of(new int[] {1}, new int[] {3});
        TokenSequence c = TokenSequence.of(new int[] {1}, new int[] {4});
        PreferenceBatch batch = new PreferenceBatch(List.of(Preference.pair("0", a, b), Preference.pair("1", c, a)));
        assertThat(batch.sequences()).containsExactly(a, b, c, a);
        assertThatThrownBy(() -> new PreferenceBatch(List.of())).hasMessageContaining("at least one");
    }

    @Test
    void invalid_labels_are_refused() {
        for (double weight : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Label.ordered(2).withWeight(weight))
                    .hasMessage("weight must be finite and at least 0, got " + weight);
        }
        assertThatThrownBy(() -> Label.ordered(0)).hasMessage("completions must be at least 1, got 0");
        assertThatThrownBy(() -> Label.ordered(1)).hasMessage("ratings must be one per completion (1), got []");
        assertThatThrownBy(() -> new Label(2, List.of(1.0), "g", 1))
                .hasMessage("ratings must be one per completion (2), got [1.0]");
        assertThatThrownBy(() -> new Label(2, List.of(1.0, 2.0), "g", 1))
                .hasMessage("ratings must be finite and best first, got [1.0, 2.0]");
        assertThatThrownBy(() -> new Label(2, List.of(Double.NaN, 2.0), "g", 1))
                .hasMessageContaining("ratings must be finite");
        assertThatThrownBy(() -> new Preference("p7", List.of(twoTurns), Label.ordered(2)))
                .hasMessage("number of completions must be that of the label (2), got 1 (p7)");
    }

    @Test
    void the_first_completion_is_desirable_unless_it_is_labelled_undesirable() {
        assertThat(Label.ordered(2).isFirstDesirable()).isTrue();
        assertThat(Label.desirable(true).isFirstDesirable()).isTrue();
        assertThat(Label.desirable(false).isFirstDesirable()).isFalse();
    }

    private static void assertRefused(List<Span> turns, String message) {
        assertThatThrownBy(() -> new TokenSequence(new int[] {1, 2, 3, 4}, turns))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
