package dpo.data.tokenization;

import static dpo.data.tokenization.Examples.answer;
import static dpo.data.tokenization.Examples.ask;
import static dpo.data.tokenization.Examples.preference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence.Span;
import dpo.core.sequence.TokenSequence;
import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.format.Conversational;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceDataset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TruncationTest {

    private static final PreferenceDataset DATA =
            new Conversational(TestData.resource("tiny/pairs.jsonl"), 0, Optional.empty(), OnBadRow.FAIL).read();
    private static final List<Preference> WHOLE = pairs(1024, Truncation.FAIL).pairs();

    private static TokenizedPairs pairs(int maxLength, Truncation policy) {
        try (PairTokenizer tokenizer = PairTokenizer.open(
                TestData.resource("tiny"), TokenizationSettings.standard().withLength(maxLength, policy))) {
            return tokenizer.pairs(DATA);
        }
    }

    private static int prompt(Preference pair) {
        return pair.chosen().turns().get(0).start();
    }

    /** TRL: rows whose prompt fills the length are dropped, then each side is {@code ids[:max_length]}. */
    @Test
    void keep_start_is_what_trl_does() {
        for (int length : new int[] {30, 45, 60, 90}) {
            TokenizedPairs cut = pairs(length, Truncation.KEEP_START);
            List<Preference> expected = WHOLE.stream()
                    .filter(pair -> prompt(pair) < length)
                    .map(pair -> Preference.pair(
                            pair.id(), start(pair.chosen(), length), start(pair.rejected(), length)))
                    .toList();
            assertThat(cut.pairs()).isEqualTo(expected);
            assertThat(cut.report().dropped().getOrDefault("prompt_fills_max_length", 0))
                    .isEqualTo(48 - expected.size());
            assertThat(cut.report().truncated()).isEqualTo(
                    (int) WHOLE.stream().filter(p -> prompt(p) < length && longest(p) > length).count());
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
        TokenizedPairs cut = pairs(10, Truncation.KEEP_END);
        assertThat(cut.pairs()).hasSize(48);
        for (int row = 0; row < 48; row++) {
            TokenSequence whole = WHOLE.get(row).rejected();
            TokenSequence kept = cut.pairs().get(row).rejected();
            int from = Math.max(0, whole.length() - 10);
            assertThat(kept.ids()).isEqualTo(Arrays.copyOfRange(whole.ids(), from, whole.length()));
            assertThat(kept.turns()).containsExactly(
                    new Span(Math.max(1, whole.turns().get(0).start() - from), kept.length()));
        }
    }

    @Test
    void long_rows_are_dropped_and_counted_or_stop_the_run() {
        TokenizedPairs dropped = pairs(60, Truncation.DROP);
        assertThat(dropped.pairs()).isEqualTo(WHOLE.stream().filter(pair -> longest(pair) <= 60).toList());
        assertThat(dropped.report().dropped()).containsEntry("too_long", 48 - dropped.pairs().size());
        assertThat(dropped.report().truncated()).isZero();
        assertThatThrownBy(() -> pairs(60, Truncation.FAIL))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("max_length = 60", "row-");
    }

    @Test
    void nothing_left_is_an_error() {
        assertThatThrownBy(() -> pairs(2, Truncation.KEEP_START))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("{prompt_fills_max_length=48}");
    }

    @Test
    void turns_beyond_the_cut_are_gone_and_a_turn_on_it_is_cut() {
        Scored whole = new Scored(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, List.of(new Span(2, 4), new Span(6, 8)));
        assertThat(Truncation.KEEP_START.cut(whole, 7).spans()).containsExactly(new Span(2, 4), new Span(6, 7));
        assertThat(Truncation.KEEP_START.cut(whole, 6).spans()).containsExactly(new Span(2, 4));
        assertThat(Truncation.KEEP_START.cut(whole, 2).spans()).isEmpty();
        assertThat(Truncation.KEEP_END.cut(whole, 5).spans()).containsExactly(new Span(3, 5));
        assertThat(Truncation.KEEP_END.cut(whole, 6).spans()).containsExactly(new Span(1, 2), new Span(4, 6));
    }

    @Test
    void pairs_that_a_cut_makes_equal_are_counted() {
        PreferenceDataset data = preference(ask("Hi"), answer("one two three four"), answer("one two three five"));
        int prompt = prompt(pairs(data, 1024).pairs().get(0));
        assertThat(pairs(data, 1024).report().indistinguishable()).isZero();
        assertThat(pairs(data, prompt + 5).report().indistinguishable()).isEqualTo(1);
    }

    private static TokenizedPairs pairs(PreferenceDataset data, int length) {
        try (PairTokenizer tokenizer = PairTokenizer.open(TestData.resource("tiny"),
                TokenizationSettings.standard().withLength(length, Truncation.KEEP_START))) {
            return tokenizer.pairs(data);
        }
    }

    @Test
    void settings_have_their_ranges() {
        assertThatThrownBy(() -> TokenizationSettings.standard().withLength(1, Truncation.DROP))
                .hasMessage("max_length must be at least 2, got 1");
        assertThatThrownBy(() -> new TokenizationSettings(9, Truncation.DROP, SpecialTokensInText.TEXT,
                Optional.empty(),
                        Optional.of("yesterday")))
                .hasMessageContaining("got yesterday");
    }
}
