package dpo.data.tokenization;

import static dpo.data.tokenization.Examples.answer;
import static dpo.data.tokenization.Examples.ask;
import static dpo.data.tokenization.Examples.completion;
import static dpo.data.tokenization.Examples.conversation;
import static dpo.data.tokenization.Examples.preference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.template.TemplateException;
import dpo.data.tokenization.modelfolder.ModelFolders;
import dpo.data.tokenization.tokenizer.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleTokenizerTest {

    private static final Path TINY = TestData.resource("tiny");

    private static final Text TWO_TURNS = conversation(
            Message.assistant("First."),
            Message.user("More?"),
            new Message("tool", "42"),
            Message.assistant("Second 👍"));

    private static ExampleTokenizer open(Path folder) {
        return ExampleTokenizer.open(folder, TokenizationSettings.standard());
    }

    private static List<String> turns(HuggingFaceTokenizer tokenizer, TokenSequence sequence) {
        return sequence.turns().stream()
                .map(turn -> tokenizer.decode(Arrays.copyOfRange(sequence.ids(), turn.start(), turn.end())))
                .toList();
    }

    @Test
    void only_assistant_messages_of_a_completion_are_scored() {
        try (ExampleTokenizer tokenizer = open(TINY)) {
            TokenizedPreferences tokenized = tokenizer.preferences(preference(ask("Hi"), TWO_TURNS, answer("No.")));
            assertThat(tokenized.report().disagreements()).isZero();
            assertThat(turns(
                            tokenizer.tokenizer(),
                            tokenized.preferences().get(0).chosen()))
                    .containsExactly("First.<|im_end|>\n", "Second 👍<|im_end|>\n");
            assertThat(turns(
                            tokenizer.tokenizer(),
                            tokenized.preferences().get(0).rejected()))
                    .containsExactly("No.<|im_end|>\n");
        }
    }

    @Test
    void a_completion_may_begin_with_a_message_that_is_not_scored() {
        try (ExampleTokenizer tokenizer = open(TINY)) {
            Text late = conversation(Message.user("Well?"), Message.assistant("Yes."));
            TokenizedPreferences tokenized = tokenizer.preferences(preference(ask("Hi"), late, answer("No.")));
            assertThat(turns(
                            tokenizer.tokenizer(),
                            tokenized.preferences().get(0).chosen()))
                    .containsExactly("Yes.<|im_end|>\n");
            assertThat(turns(
                            tokenizer.tokenizer(),
                            tokenized.preferences().get(0).rejected()))
                    .containsExactly("No.<|im_end|>\n");
        }
    }

    @Test
    void examples_of_completions_are_tokenized_like_the_chosen_side() {
        try (ExampleTokenizer tokenizer = open(TINY)) {
            for (Text completion : List.of(TWO_TURNS, answer("Yes."))) {
                assertThat(tokenizer
                                .completions(completion(ask("Hi"), completion))
                                .sequences())
                        .containsExactly(tokenizer
                                .preferences(preference(ask("Hi"), completion, answer("No.")))
                                .preferences()
                                .get(0)
                                .chosen());
            }
        }
    }

    @Test
    void a_pair_keeps_its_name_group_and_weight() {
        try (ExampleTokenizer tokenizer = open(TINY)) {
            PreferenceExample example = new PreferenceExample(
                    "row-7/b", ask("Hi"), List.of(answer("Yes."), answer("No.")), List.of(2.0, 1.0), "b", 0.5);
            assertThat(tokenizer
                            .preferences(Examples.preferences(example))
                            .preferences()
                            .get(0))
                    .extracting("id", "label.ratings", "label.group", "label.weight")
                    .containsExactly("row-7/b", List.of(2.0, 1.0), "b", 0.5);
        }
    }

    @Test
    void each_completion_of_a_list_has_the_same_ids_as_in_a_pair_or_as_a_label() {
        List<Text> list = List.of(answer("Yes."), TWO_TURNS, answer("No."), answer("Maybe 👍"));
        try (ExampleTokenizer tokenizer = open(TINY)) {
            Preference ranked = only(tokenizer, PreferenceExample.of("row-1", ask("Hi"), list, List.of()));
            assertThat(ranked.label()).isEqualTo(Label.ordered(4));
            for (int i = 0; i < list.size(); i++) {
                Preference alone = only(tokenizer, PreferenceExample.labelled("row-1", ask("Hi"), list.get(i), i == 0));
                assertThat(alone.completions())
                        .containsExactly(ranked.completions().get(i));
                assertThat(alone.label()).isEqualTo(Label.desirable(i == 0));
                Preference pair =
                        only(tokenizer, PreferenceExample.pair("row-1", ask("Hi"), list.get(i), list.get((i + 1) % 4)));
                assertThat(pair.chosen()).isEqualTo(ranked.completions().get(i));
            }
        }
    }

    @Test
    void the_completions_of_a_list_start_where_the_first_of_them_differs_from_the_prompt() {
        try (ExampleTokenizer tokenizer = open(TINY)) {
            // One completion extends the last token of the prompt, hence the others must start with that token, too.
            Preference ranked = only(
                    tokenizer,
                    PreferenceExample.of(
                            "row-1",
                            new Text.Plain("hel"),
                            List.of(new Text.Plain(" x"), new Text.Plain("lo"), new Text.Plain("!")),
                            List.of()));
            int[] alone = tokenizer.tokenizer().encode("hel");
            int shared = ranked.completions().stream()
                    .mapToInt(sequence -> Arrays.mismatch(alone, sequence.ids()))
                    .map(mismatch -> mismatch < 0 ? alone.length : mismatch)
                    .min()
                    .orElseThrow();
            assertThat(ranked.completions())
                    .allSatisfy(sequence ->
                            assertThat(sequence.turns().get(0).start()).isEqualTo(Math.max(1, shared)));
            assertThat(shared).isLessThan(alone.length);
        }
    }

    private static Preference only(ExampleTokenizer tokenizer, PreferenceExample example) {
        return tokenizer
                .preferences(Examples.preferences(example))
                .preferences()
                .get(0);
    }

    @Test
    void a_folder_without_a_sound_tokenizer_is_refused(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> open(folder.resolve("none")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> open(folder)).isInstanceOf(DataException.class).hasMessageContaining("tokenizer.json");
        for (String broken :
                List.of("{", "[]", "{}", "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": 3}}")) {
            Files.writeString(folder.resolve("tokenizer.json"), broken);
            assertThatThrownBy(() -> open(folder))
                    .as(broken)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining(folder.toString());
        }
        ModelFolders.withTemplate(folder, "{% frobnicate %}");
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("frobnicate");
    }

    @Test
    void an_end_of_sequence_beyond_the_embedding_is_refused(@TempDir Path folder) throws IOException {
        Path model = ModelFolders.changed(
                folder,
                ModelFolders.JSON.createObjectNode(),
                ModelFolders.JSON.readTree("{\"eos_token\": \"<|unheard|>\"}"),
                "x");
        Files.writeString(model.resolve("config.json"), "{\"vocab_size\": 512}");
        try (ExampleTokenizer tokenizer = open(model)) {
            assertThatThrownBy(() -> tokenizer.preferences(
                            preference(new Text.Plain("Hi"), new Text.Plain("Yes."), new Text.Plain("No."))))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("must be below 512", "got <|unheard|> with id 512 (row-1)");
        }
    }

    @Test
    void a_named_token_that_is_only_in_the_vocabulary_becomes_special_as_in_transformers(@TempDir Path folder) {
        Path model = ModelFolders.changed(
                folder,
                ModelFolders.JSON.readTree("{\"added_tokens\": []}"),
                ModelFolders.JSON.createObjectNode(),
                "x");
        try (ExampleTokenizer tokenizer = open(model)) {
            // transformers 5.23: tok("hello<|im_end|>")["input_ids"]
            assertThat(tokenizer.tokenizer().encode("hello<|im_end|>")).containsExactly(267, 292, 81, 2);
        }
    }

    @Test
    void the_first_token_is_not_scored_because_it_has_no_context() {
        int[] ids = {5, 6, 7};
        Alignment alignment = Alignment.of(
                List.of(new EncodedCompletion(ids, true, List.of(new EncodedCompletion.Turn(new int[] {9}, ids)))));
        assertThat(alignment.sequences().get(0).spans()).containsExactly(new Span(1, 3));
        assertThat(alignment.disagreement()).isPresent();
    }
}
