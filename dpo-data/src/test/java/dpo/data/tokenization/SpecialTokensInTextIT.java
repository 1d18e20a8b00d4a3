package dpo.data.tokenization;

import static dpo.data.tokenization.Examples.answer;
import static dpo.data.tokenization.Examples.ask;
import static dpo.data.tokenization.Examples.preference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.TokenSequence;
import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.format.Conversational;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
import dpo.data.tokenization.modelfolder.ModelFolders;
import dpo.data.tokenization.modelfolder.TokenizerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class SpecialTokensInTextIT {

    private static final Path TINY = TestData.resource("tiny");

    private static ExampleTokenizer open(SpecialTokensInText policy) {
        return ExampleTokenizer.open(TINY, TokenizationSettings.standard().withSpecialTokensInText(policy));
    }

    /** Texts with spellings, and their ids as text, for tokenizers of three kinds. */
    private static JsonNode kind(String name) {
        return StreamSupport.stream(
                        ModelFolders.JSON
                                .readTree(TestData.resource("special-tokens-as-text.json")
                                        .toFile())
                                .spliterator(),
                        false)
                .filter(kind -> kind.get("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> texts(JsonNode kind) {
        return StreamSupport.stream(kind.get("texts").spliterator(), false)
                .map(JsonNode::stringValue)
                .toList();
    }

    private static int[] ids(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    private static TokenSequence chosen(SpecialTokensInText policy, Text prompt, Text chosen, Text rejected) {
        try (ExampleTokenizer tokenizer = open(policy)) {
            return tokenizer
                    .preferences(preference(prompt, chosen, rejected))
                    .preferences()
                    .get(0)
                    .chosen();
        }
    }

    @Test
    void a_spelling_is_refused_by_default_with_the_example_and_the_alternatives() {
        assertThat(TokenizationSettings.standard().specialTokensInText()).isEqualTo(SpecialTokensInText.REFUSE);
        for (Text text : List.of(ask("a <|im_end|> b"), answer("<|im_start|>"))) {
            Text prompt = text.isEmptyCompletion() ? text : ask("Hi");
            Text chosen = text.isEmptyCompletion() ? answer("yes") : text;
            assertThatThrownBy(() -> chosen(SpecialTokensInText.REFUSE, prompt, chosen, answer("no")))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("got <|im_", "row-1", "special_tokens_in_text: text");
        }
    }

    @Test
    void allowed_spellings_become_the_tokens_as_in_transformers() {
        TokenSequence sequence = chosen(SpecialTokensInText.ALLOW, ask("Hi"), answer("a<|im_end|>"), answer("no"));
        assertThat(sequence.scoredIds()).containsExactly(67, 2, 2, 201);
    }

    @Test
    void as_text_the_ids_equal_those_of_the_tokenizers_library_with_encode_special_tokens() {
        JsonNode tiny = kind("tiny");
        for (int i = 0; i < texts(tiny).size(); i++) {
            int[] text = ids(tiny.get("ids").get(i));
            int[] answer =
                    IntStream.concat(Arrays.stream(text), IntStream.of(2, 201)).toArray();
            String spelled = texts(tiny).get(i);
            TokenSequence chosen = chosen(SpecialTokensInText.TEXT, ask("Hi"), answer(spelled), answer("no"));
            assertThat(chosen.scoredIds()).as(spelled).containsExactly(answer);
            TokenSequence prompt = chosen(SpecialTokensInText.TEXT, ask(spelled), answer("yes"), answer("no"));
            assertThat(prompt.ids()).as(spelled).startsWith(1, 434, 84, 201).containsSequence(answer);
        }
    }

    @Test
    void as_text_a_plain_completion_has_one_end_of_sequence_even_if_it_spells_one() {
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.TEXT)) {
            for (String spelled : texts(kind("tiny"))) {
                TokenSequence plain = tokenizer
                        .preferences(preference(
                                new Text.Plain("Say <|im_start|>:"),
                                new Text.Plain("\n" + spelled),
                                new Text.Plain("\nno")))
                        .preferences()
                        .get(0)
                        .chosen();
                String end = spelled.endsWith("<|im_end|>") ? "" : "<|im_end|>";
                assertThat(tokenizer.tokenizer().decode(plain.ids())).isEqualTo("Say <|im_start|>:\n" + spelled + end);
                assertThat(Arrays.stream(plain.ids()).filter(id -> id < 3)).containsExactly(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unigram", "bpe"})
    void as_text_no_text_yields_a_special_token_for_any_tokenizer_model(String name, @TempDir Path folder)
            throws IOException {
        JsonNode kind = kind(name);
        Files.writeString(
                folder.resolve("tokenizer.json"), kind.get("tokenizer").toString());
        TokenizerFile file = TokenizerFile.read(folder.resolve("tokenizer.json"));
        try (TextEncoder encoder = new TextEncoder(file, SpecialTokensInText.TEXT)) {
            for (String text : texts(kind)) {
                int[] ids = encoder.encode(encoder.admit(text, "here"), "here");
                assertThat(Arrays.stream(ids).boxed())
                        .doesNotContainAnyElementsOf(List.of(
                                file.specialTokens().get("<s>"),
                                file.specialTokens().get("</s>")));
            }
        }
    }

    @Test
    void as_text_the_ids_of_a_tokenizer_with_word_marks_equal_those_of_the_library(@TempDir Path folder)
            throws IOException {
        JsonNode bpe = kind("bpe");
        Files.writeString(folder.resolve("tokenizer.json"), bpe.get("tokenizer").toString());
        TokenizerFile file = TokenizerFile.read(folder.resolve("tokenizer.json"));
        try (TextEncoder encoder = new TextEncoder(file, SpecialTokensInText.TEXT)) {
            for (int i = 0; i < texts(bpe).size(); i++) {
                assertThat(encoder.encode(encoder.admit(texts(bpe).get(i), "here"), "here"))
                        .as(texts(bpe).get(i))
                        .containsExactly(ids(bpe.get("ids").get(i)));
            }
            // The template's own tokens stay tokens, and the text after them is not encoded like the beginning of a
            // text.
            assertThat(encoder.encode("<s>the moon</s> deep" + encoder.admit("</s>", "here"), "here"))
                    .startsWith(1, 20, 25, 38, 2, 65)
                    .doesNotContain(0);
        }
    }

    @Test
    void the_policy_on_special_tokens_has_no_effect_on_text_without_them() {
        Dataset<PreferenceExample> data = new Conversational(Rows.of(TestData.resource("tiny/pairs.jsonl"))).read();
        try (ExampleTokenizer refuse = open(SpecialTokensInText.REFUSE);
                ExampleTokenizer text = open(SpecialTokensInText.TEXT);
                ExampleTokenizer allow = open(SpecialTokensInText.ALLOW)) {
            assertThat(text.preferences(data)).isEqualTo(refuse.preferences(data));
            assertThat(allow.preferences(data)).isEqualTo(refuse.preferences(data));
        }
    }

    @Test
    void the_first_spelled_token_is_the_longest_at_the_earliest_place() {
        try (ExampleTokenizer tokenizer = open(SpecialTokensInText.ALLOW)) {
            assertThat(tokenizer.spelledSpecialToken("a <|im_end|> <|endoftext|>"))
                    .contains("<|im_end|>");
            assertThat(tokenizer.spelledSpecialToken("a <|im_ end|>")).isEmpty();
        }
    }

    @Test
    void noncharacters_that_mark_spellings_are_refused_in_text() {
        assertThatThrownBy(() -> chosen(SpecialTokensInText.TEXT, ask("\uFDD0"), answer("yes"), answer("no")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("U+FDD0");
    }
}
