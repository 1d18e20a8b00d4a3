package dpo.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PreferenceTest {

    private static final int[] PROMPT = {1, 2, 3};

    private static TokenSequence after(int... completion) {
        return TokenSequence.of(PROMPT, completion);
    }

    private static Preference list(TokenSequence... completions) {
        return new Preference("list", List.of(completions), Label.ordered(completions.length));
    }

    @Test
    void by_hand_the_prompt_of_a_pair_counts_once() {
        assertThat(Preference.pair("pair", after(4, 5), after(6, 7, 8)).distinctTokens())
                .isEqualTo(3 + 2 + 3);
    }

    @Test
    void by_hand_a_common_prefix_of_completions_counts_once() {
        assertThat(Preference.pair("pair", after(4, 5, 6), after(4, 5, 7, 8)).distinctTokens())
                .isEqualTo(3 + 3 + 2);
        assertThat(Preference.pair("pair", after(4, 5, 6), after(4, 5)).distinctTokens())
                .isEqualTo(3 + 3);
        assertThat(Preference.pair("pair", after(4), after(4)).distinctTokens()).isEqualTo(3 + 1);
    }

    @Test
    void by_hand_completions_without_a_common_prefix_count_in_full() {
        TokenSequence other = TokenSequence.of(new int[] {9, 2, 3}, new int[] {4});
        assertThat(Preference.pair("pair", after(4), other).distinctTokens()).isEqualTo(4 + 4);
    }

    @Test
    void one_completion_counts_in_full() {
        assertThat(new Preference("label", List.of(after(4, 5)), Label.desirable(true)).distinctTokens())
                .isEqualTo(5);
    }

    @Test
    void the_longest_common_prefix_of_a_list_counts_once_in_any_order() {
        TokenSequence a = after(4, 5, 6);
        TokenSequence b = after(7, 8);
        TokenSequence c = after(4, 5, 9, 9);
        TokenSequence d = after(7, 9);
        int tokens = 3 + 3 + 2 + 2 + 1;
        assertThat(list(a, b, c, d).distinctTokens()).isEqualTo(tokens);
        assertThat(list(d, c, b, a).distinctTokens()).isEqualTo(tokens);
        assertThat(list(c, a, d, b).distinctTokens()).isEqualTo(tokens);
    }
}
