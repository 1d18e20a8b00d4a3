package dpo.data.tokenization;

import static dpo.data.tokenization.Examples.answer;
import static dpo.data.tokenization.Examples.ask;
import static dpo.data.tokenization.Examples.preferences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.PreferenceExample;
import dpo.data.format.Conversational;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TruncationTest {

    private static final Dataset<PreferenceExample> DATA =
            new Conversational(Rows.of(TestData.resource("tiny/pairs.jsonl"))).read();
    private static final List<Preference> WHOLE = pairs(1024, Truncation.FAIL).preferences();

    private static TokenizedPreferences pairs(int maxLength, Truncation policy) {
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(
                TestData.resource("tiny"), TokenizationSettings.standard().withLength(maxLength, policy))) {
            return tokenizer.preferences(DATA);
        }
    }

    private static int prompt(Preference pair) {
        return pair.first().turns().get(0).start();
    }

    /** TRL: rows whose prompt fills the length are dropped, then each side is {@code ids[:max_length]}; equal sides stay. */
    @Test
    void keep_start_equals_trl_except_that_pairs_that_become_equal_are_dropped() {
        for (int length : new int[] {30, 45, 60, 90}) {
            TokenizedPreferences cut = pairs(length, Truncation.KEEP_START);
            List<Preference> ofTrl = WHOLE.stream()
                    .filter(pair -> prompt(pair) < length)
                    .map(pair ->
                            Preference.pair(pair.id(), start(pair.chosen(), length), start(pair.rejected(), length)))
                    .toList();
            List<Preference> expected = ofTrl.stream()
                    .filter(pair -> !pair.chosen().equals(pair.rejected()))
                    .toList();
            assertThat(cut.preferences()).isEqualTo(expected);
            assertThat(cut.report().dropped().getOrDefault("prompt_fills_max_length", 0))
                    .isEqualTo(48 - ofTrl.size());
            assertThat(cut.report().dropped().getOrDefault("equal_in_tokens", 0))
                    .isEqualTo(ofTrl.size() - expected.size());
            Set<String> used = expected.stream().map(Preference::id).collect(Collectors.toCollection(TreeSet::new));
            assertThat(cut.report().truncated()).isEqualTo((int) WHOLE.stream()
                    .filter(p -> used.contains(p.id()) && longest(p) > length)
                    .count());
        }
    }

    private static TokenSequence start(TokenSequence whole, int length) {
        int kept = Math.min(length, whole.length());
        int prompt = whole.turns().get(0).start();
        return new TokenSequence(Arrays.copyOf(whole.ids(), kept), List.of(new Span(prompt, kept)));
    }

    private static int longest(Preference pair) {
        return Math.max(pair.chosen().length(), pair.rejected().length());
    }

    /** TRL: each side is {@code ids[-max_length:]}, nothing is dropped. */
    @Test
    void keep_end_keeps_the_last_tokens_and_scores_none_without_context() {
        TokenizedPreferences cut = pairs(10, Truncation.KEEP_END);
        assertThat(cut.preferences()).hasSize(48);
        for (int row = 0; row < 48; row++) {
            TokenSequence whole = WHOLE.get(row).rejected();
            TokenSequence kept = cut.preferences().get(row).rejected();
            int from = Math.max(0, whole.length() - 10);
            assertThat(kept.ids()).isEqualTo(Arrays.copyOfRange(whole.ids(), from, whole.length()));
            assertThat(kept.turns())
                    .containsExactly(new Span(Math.max(1, whole.turns().get(0).start() - from), kept.length()));
        }
    }

    @Test
    void long_rows_are_dropped_and_counted_or_stop_the_run() {
        TokenizedPreferences dropped = pairs(60, Truncation.DROP);
        assertThat(dropped.preferences())
                .isEqualTo(WHOLE.stream().filter(pair -> longest(pair) <= 60).toList());
        assertThat(dropped.report().dropped())
                .containsEntry("too_long", 48 - dropped.preferences().size());
        assertThat(dropped.report().truncated()).isZero();
        assertThatThrownBy(() -> pairs(60, Truncation.FAIL))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("max_length = 60", "row-");
    }

    @Test
    void a_data_set_without_remaining_examples_is_an_error() {
        assertThatThrownBy(() -> pairs(2, Truncation.KEEP_START))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("{prompt_fills_max_length=48}");
    }

    @Test
    void turns_beyond_the_limit_are_removed_and_a_turn_across_it_is_truncated() {
        ScoredSequence whole =
                new ScoredSequence(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, List.of(new Span(2, 4), new Span(6, 8)));
        assertThat(Truncation.KEEP_START.cut(whole, 7).spans()).containsExactly(new Span(2, 4), new Span(6, 7));
        assertThat(Truncation.KEEP_START.cut(whole, 6).spans()).containsExactly(new Span(2, 4));
        assertThat(Truncation.KEEP_START.cut(whole, 2).spans()).isEmpty();
        assertThat(Truncation.KEEP_END.cut(whole, 5).spans()).containsExactly(new Span(3, 5));
        assertThat(Truncation.KEEP_END.cut(whole, 6).spans()).containsExactly(new Span(1, 2), new Span(4, 6));
    }

    @Test
    void pairs_that_truncation_makes_equal_are_dropped_and_counted() {
        Dataset<PreferenceExample> data = preferences(
                PreferenceExample.pair("row-1", ask("Hi"), answer("one two three four"), answer("one two three five")),
                PreferenceExample.pair("row-2", ask("Hi"), answer("yes"), answer("no")));
        TokenizedPreferences whole = pairs(data, 1024);
        assertThat(whole.report().dropped()).isEmpty();
        TokenizedPreferences cut = pairs(data, prompt(whole.preferences().get(0)) + 5);
        assertThat(cut.preferences()).extracting(Preference::id).containsExactly("row-2");
        assertThat(cut.report().dropped()).isEqualTo(Map.of("equal_in_tokens", 1));
        assertThat(cut.report().firstDropped()).isEqualTo(Map.of("equal_in_tokens", "row-1"));
    }

    @Test
    void a_list_with_two_equal_completions_or_too_long_a_prompt_is_dropped() {
        Dataset<PreferenceExample> data = preferences(PreferenceExample.of(
                "row-1",
                ask("Hi"),
                List.of(answer("no"), answer("one two three four"), answer("one two three five")),
                List.of()));
        Preference whole = pairs(data, 1024).preferences().get(0);
        assertThatThrownBy(() -> pairs(data, prompt(whole) + 5))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("{equal_in_tokens=1}", "equal_in_tokens, first in row-1");
        assertThatThrownBy(() -> pairs(data, prompt(whole))).hasMessageContaining("{prompt_fills_max_length=1}");
    }

    private static TokenizedPreferences pairs(Dataset<PreferenceExample> data, int length) {
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(
                TestData.resource("tiny"), TokenizationSettings.standard().withLength(length, Truncation.KEEP_START))) {
            return tokenizer.preferences(data);
        }
    }

    @Test
    void settings_out_of_range_are_refused() {
        assertThatThrownBy(() -> TokenizationSettings.standard().withLength(1, Truncation.DROP))
                .hasMessage("max_length must be at least 2, got 1");
        assertThatThrownBy(() -> new TokenizationSettings(
                        9, Truncation.DROP, SpecialTokensInText.TEXT, Optional.empty(), Optional.of("yesterday")))
                .hasMessageContaining("got yesterday");
    }
}
