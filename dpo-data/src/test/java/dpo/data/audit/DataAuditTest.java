package dpo.data.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.TestData;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.provenance.SourceProvenance;
import dpo.data.source.Dataset;
import dpo.data.source.RowCounts;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.data.tokenization.SpecialTokensInText;
import dpo.data.tokenization.TokenizationSettings;
import dpo.data.tokenization.Truncation;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataAuditTest {

    private static final Dataset<PreferenceExample> DATA = data(
            example("row-1", "a", "Hi", "yes!", "no"),
            example("row-2", "b", "Hi", "no", "yes!"),
            example("row-3", "a", "Hi", "yes!", "no"),
            example("row-4", "a", "Why?", "one", "two"),
            example("row-5", "a", "Why <|im_end|>?", "one two three four five six seven eight nine", "two"));

    private static PreferenceExample example(String id, String group, String prompt, String chosen, String rejected) {
        return new PreferenceExample(
                id,
                new Text.Conversation(List.of(Message.user(prompt))),
                List.of(answer(chosen), answer(rejected)),
                List.of(),
                group,
                1);
    }

    private static Text answer(String text) {
        return new Text.Conversation(List.of(Message.assistant(text)));
    }

    private static Dataset<PreferenceExample> data(PreferenceExample... examples) {
        int n = examples.length;
        return new Dataset<>(
                List.of(examples),
                new RowCounts(n + 2, n, 0, Map.of("tie", 2)),
                new SourceProvenance("made.by.Hand", Map.of(), "pairs.jsonl", "0f", n + 2, n, 0, Map.of("tie", 2)));
    }

    @Test
    void by_hand() {
        DataAudit audit = DataAudit.of(DATA);
        assertThat(audit.groups()).isEqualTo(Map.of("a", 4, "b", 1));
        assertThat(audit.turns()).isEqualTo(Map.of(1, 5));
        assertThat(audit.chosen()).contains(new Lengths(2, 4, 44, 44, (4 + 2 + 4 + 3 + 44) / 5.0));
        assertThat(audit.chosenLonger()).isEqualTo(3 / 5.0);
        assertThat(audit.equallyLong()).isEqualTo(1 / 5.0);
        assertThat(audit.prompts()).isEqualTo(3);
        assertThat(audit.repeated()).isEqualTo(1);
        assertThat(audit.contradicting()).isEqualTo(2);
        assertThat(audit.tokens()).isEmpty();
    }

    @Test
    void every_untied_comparison_of_a_list_counts_and_labels_have_none() {
        Text prompt = new Text.Plain("Q");
        Text a = new Text.Plain("a");
        Text bb = new Text.Plain("bb");
        Text ccc = new Text.Plain("ccc");
        DataAudit audit = DataAudit.of(data(
                PreferenceExample.of("row-1", prompt, List.of(ccc, bb, a), List.of(2.0, 1.0, 1.0)),
                PreferenceExample.of("row-2", prompt, List.of(bb, a, ccc), List.of()),
                PreferenceExample.labelled("row-3", prompt, bb, true),
                PreferenceExample.labelled("row-4", prompt, bb, false),
                PreferenceExample.labelled("row-5", prompt, bb, false)));
        assertThat(audit.completions()).isEqualTo(Map.of(1, 3, 3, 2));
        // ccc > bb, ccc > a; bb > a, bb > ccc, a > ccc.
        assertThat(audit.comparisons()).isEqualTo(5);
        assertThat(audit.chosenLonger()).isEqualTo(3 / 5.0);
        assertThat(audit.chosen()).contains(new Lengths(2, 2, 3, 3, (3 + 2 + 2) / 3.0));
        assertThat(audit.rejected()).contains(new Lengths(1, 2, 3, 3, (2 + 1 + 1 + 3 + 2 + 2) / 6.0));
        assertThat(audit.repeated()).isEqualTo(1);
        // row-2 contradicts the comparisons of row-1, row-4 and row-5 the label of row-3.
        assertThat(audit.contradicting()).isEqualTo(3);
    }

    @Test
    void a_side_without_completions_has_no_lengths_and_labels_no_length_bias() {
        DataAudit audit =
                DataAudit.of(data(PreferenceExample.labelled("row-1", new Text.Plain("Q"), new Text.Plain("a"), true)));
        assertThat(audit.rejected()).isEmpty();
        assertThat(audit.chosenLonger()).isNaN();
        assertThat(audit.report()).contains("rejected characters     none").doesNotContain("chosen is longer");
    }

    @Test
    void quantiles_are_lengths_that_occur() {
        assertThat(Lengths.of(IntStream.rangeClosed(1, 10))).isEqualTo(new Lengths(1, 5, 9, 10, 5.5));
        assertThat(Lengths.of(IntStream.of(7))).isEqualTo(new Lengths(7, 7, 7, 7, 7));
        assertThatThrownBy(() -> Lengths.of(IntStream.empty())).hasMessageContaining("at least one length");
    }

    @Test
    void with_a_tokenizer_truncations_and_spelled_special_tokens_are_counted() {
        TokenizationSettings settings = TokenizationSettings.standard()
                .withSpecialTokensInText(SpecialTokensInText.ALLOW)
                .withLength(32, Truncation.KEEP_START);
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(TestData.resource("tiny"), settings)) {
            DataAudit audit = DataAudit.of(DATA, tokenizer);
            TokenAudit tokens = audit.tokens().orElseThrow();
            assertThat(tokens.spelling()).containsExactly("row-5");
            assertThat(tokens.report().truncated()).isEqualTo(1);
            assertThat(tokens.chosen().orElseThrow().max()).isEqualTo(32);
            assertThat(audit.report().lines())
                    .contains(
                            "file                    pairs.jsonl (SHA-256 0f)",
                            "entries                 7 read, 5 used, 0 skipped, dropped: tie 2",
                            "chosen is longer        60.0 %, equally long 20.0 %",
                            "completions             {2=5}",
                            "contradicting examples  2",
                            "tokenized               5 of 5, dropped none",
                            "truncated               1",
                            "spelled special tokens  1, e.g. row-5",
                            "doubtful boundaries     0");
        }
    }

    @Test
    void prompts_of_the_training_set_in_the_evaluation_set_are_counted() {
        Dataset<PreferenceExample> evaluation =
                data(example("row-1", "a", "Hi", "other", "texts"), example("row-2", "a", "New", "x", "y"));
        assertThat(PromptOverlap.of(DATA, evaluation)).isEqualTo(new PromptOverlap(2, 1, List.of("row-1")));
        assertThat(PromptOverlap.of(evaluation, data(example("row-9", "a", "Why?", "x", "y")))
                        .shared())
                .isZero();
        assertThat(PromptOverlap.of(DATA, evaluation))
                .hasToString("1 of 2 evaluation examples have a prompt of the training set, e.g. [row-1]");
    }
}
