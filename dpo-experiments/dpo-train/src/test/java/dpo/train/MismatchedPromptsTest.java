package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The assignment of completions to other prompts. */
class MismatchedPromptsTest {

    @Test
    void both_completions_of_a_pair_are_shifted_to_the_prompt_of_the_next() {
        List<Preference> pairs = List.of(pair(1, 11, 12), pair(2, 21, 22), pair(3, 31, 32));
        assertThat(MismatchedPrompts.mismatched(pairs, 8).stream().map(Preference::completions))
                .containsExactly(
                        List.of(row(1, 31), row(1, 32)),
                        List.of(row(2, 11), row(2, 12)),
                        List.of(row(3, 21), row(3, 22)));
    }

    @Test
    void every_completion_of_the_data_is_used_once_if_neighbours_have_different_prompts() {
        List<Preference> labelled = IntStream.range(0, 7)
                .mapToObj(i -> label(i % 2 + 1 + 2 * (i / 6), 10 + i))
                .toList();
        List<Preference> mismatched = MismatchedPrompts.mismatched(labelled, 8);
        assertThat(mismatched.stream().map(each -> each.first().id(1))).containsExactly(16, 10, 11, 12, 13, 14, 15);
        assertThat(mismatched.stream().map(each -> each.first().id(0)))
                .containsExactlyElementsOf(
                        labelled.stream().map(each -> each.first().id(0)).toList());
    }

    @Test
    void no_completion_follows_its_own_prompt_even_if_preferences_share_a_prompt() {
        List<Preference> shared = List.of(label(1, 11), label(1, 12), label(2, 21), label(2, 22), label(1, 13));
        assertThat(MismatchedPrompts.others(shared)).containsExactly(3, 3, 1, 1, 3);
        assertThat(MismatchedPrompts.others(List.of(label(1, 11), label(1, 12), label(2, 21))))
                .containsExactly(2, 2, 1);
    }

    @Test
    void pairs_and_labelled_completions_may_be_mixed() {
        List<Preference> mixed = List.of(pair(1, 11, 12), label(2, 21));
        assertThat(MismatchedPrompts.mismatched(mixed, 8).stream().map(Preference::completions))
                .containsExactly(List.of(row(1, 21), row(1, 21)), List.of(row(2, 11)));
    }

    @Test
    void a_single_distinct_prompt_is_refused() {
        for (List<Preference> alone : List.of(List.of(pair(1, 11, 12)), List.of(label(1, 11), label(1, 12)))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> MismatchedPrompts.others(alone))
                    .withMessage(
                            "prompts must be at least two different ones for completions of another prompt, got one");
        }
    }

    private static TokenSequence row(int prompt, int completion) {
        return TokenSequence.of(new int[] {prompt}, new int[] {completion});
    }

    private static Preference pair(int prompt, int chosen, int rejected) {
        return new Preference(
                "pair-" + chosen,
                Stream.of(chosen, rejected).map(id -> row(prompt, id)).toList(),
                Label.ordered(2));
    }

    private static Preference label(int prompt, int completion) {
        return new Preference("label-" + completion, List.of(row(prompt, completion)), Label.desirable(true));
    }
}
