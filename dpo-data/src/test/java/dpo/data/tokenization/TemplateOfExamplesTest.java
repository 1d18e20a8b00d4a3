package dpo.data.tokenization;

import static dpo.data.tokenization.Examples.answer;
import static dpo.data.tokenization.Examples.ask;
import static dpo.data.tokenization.Examples.conversation;
import static dpo.data.tokenization.Examples.preference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.source.Dataset;
import dpo.data.source.OnBadRow;
import dpo.data.source.Reading;
import dpo.data.tokenization.modelfolder.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chat template of examples: its origin, and the examples that it refuses. */
class TemplateOfExamplesTest {

    private static final Path TINY = TestData.resource("tiny");

    private static final Text TWO_TURNS = conversation(
            Message.assistant("First."),
            Message.user("More?"),
            new Message("tool", "42"),
            Message.assistant("Second 👍"));

    private static ExampleTokenizer open(Path folder) {
        return ExampleTokenizer.open(folder, TokenizationSettings.standard());
    }

    @Test
    void a_template_that_hides_earlier_turns_drops_the_pair(@TempDir Path folder) {
        String lastOnly = "{% for m in messages %}{% if m.role != 'assistant' or loop.last %}<|im_start|>{{ m.role }}\n"
                + "{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}"
                + "<|im_start|>assistant\n{% endif %}";
        try (ExampleTokenizer tokenizer = open(ModelFolders.withTemplate(folder, lastOnly))) {
            PreferenceExample hidden = PreferenceExample.pair("row-1", ask("Hi"), TWO_TURNS, answer("No."));
            PreferenceExample fine = PreferenceExample.pair("row-2", ask("Hi"), answer("Yes."), answer("No."));
            TokenizationReport report =
                    tokenizer.preferences(Examples.preferences(hidden, fine)).report();
            assertThat(report.dropped()).isEqualTo(Map.of("turn_not_found", 1));
            assertThat(report.firstDisagreements())
                    .extracting(BoundaryDisagreement::id)
                    .containsExactly("row-1");
            assertThat(report.used()).isEqualTo(1);
        }
    }

    @Test
    void an_error_raised_by_the_template_names_the_example(@TempDir Path folder) {
        Path model = ModelFolders.withTemplate(folder, "{{ raise_exception('no system messages') }}");
        try (ExampleTokenizer tokenizer = open(model)) {
            assertThatThrownBy(() -> tokenizer.preferences(preference(ask("Hi"), answer("Yes."), answer("No."))))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("no system messages", "row-1");
        }
    }

    @Test
    void examples_that_template_or_settings_refuse_are_dropped_and_counted_if_bad_rows_are_skipped(
            @TempDir Path folder) {
        String noSystem =
                "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system messages') }}"
                        + "{% endif %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
        Text withSystem = conversation(new Message("system", "Be brief."), Message.user("Hi"));
        Dataset<PreferenceExample> failing = Examples.preferences(
                PreferenceExample.pair("row-1", withSystem, answer("Yes."), answer("No.")),
                PreferenceExample.pair("row-2", ask("Hi"), answer("Yes."), answer("No.")),
                PreferenceExample.pair("row-3", ask("Hi <|im_start|>"), answer("Yes."), answer("No.")));
        Dataset<PreferenceExample> skipping = new Dataset<>(
                failing.examples(),
                failing.counts(),
                failing.provenance(),
                new Reading(OnBadRow.SKIP, Map.of(), Map.of()));
        try (ExampleTokenizer tokenizer = open(ModelFolders.withTemplate(folder, noSystem))) {
            TokenizedPreferences tokenized = tokenizer.preferences(skipping);
            assertThat(tokenized.preferences()).extracting(Preference::id).containsExactly("row-2");
            TokenizationReport report = tokenized.report();
            assertThat(report.dropped()).isEqualTo(Map.of("not_rendered", 1, "special_token_in_text", 1));
            assertThat(report.examples()).isEqualTo(report.used() + 2);
            assertThat(report.firstDropped().get("not_rendered")).contains("row-1", "no system messages");
            assertThat(report.firstDropped().get("special_token_in_text")).contains("row-3", "<|im_start|>");
            assertThatThrownBy(() -> tokenizer.preferences(failing))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("no system messages", "row-1", "on_bad_row: skip");
        }
    }

    @Test
    void a_template_of_the_settings_takes_precedence_over_that_of_the_model(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("own.jinja"),
                "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}{{ strftime_now('%d %B') }}");
        TokenizationSettings settings = new TokenizationSettings(
                64, Truncation.FAIL, SpecialTokensInText.REFUSE, Optional.of(file), Optional.of("2026-01-31"));
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(TINY, settings)) {
            TokenSequence chosen = tokenizer
                    .preferences(preference(ask("Hi"), answer("Yes."), answer("No.")))
                    .preferences()
                    .get(0)
                    .chosen();
            assertThat(tokenizer.tokenizer().decode(chosen.ids())).isEqualTo("Hi<|im_end|>Yes.<|im_end|>31 January");
        }
        assertThatThrownBy(() -> ExampleTokenizer.open(
                        TINY,
                        new TokenizationSettings(
                                64,
                                Truncation.FAIL,
                                SpecialTokensInText.REFUSE,
                                Optional.of(folder.resolve("none")),
                                Optional.empty())))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("none");
    }

    @Test
    void a_configuration_has_one_template_or_named_ones(@TempDir Path folder) throws IOException {
        for (String value : List.of(
                "\"{{ messages[0].content }}\"",
                "[{\"name\": \"tool_use\", \"template\": \"x\"}, "
                        + "{\"name\": \"default\", \"template\": \"{{ messages[0].content }}\"}]")) {
            Path model = ModelFolders.changed(
                    folder,
                    ModelFolders.JSON.createObjectNode(),
                    ModelFolders.JSON.readTree("{\"chat_template\": " + value + "}"),
                    "");
            Files.delete(model.resolve("chat_template.jinja"));
            try (ExampleTokenizer tokenizer = open(model)) {
                // Neither completion is rendered, hence no token is scored.
                assertThatThrownBy(() -> tokenizer.preferences(preference(ask("Hi"), answer("Yes."), answer("No."))))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("{turn_not_found=1}");
            }
        }
    }

    @Test
    void text_that_needs_a_missing_template_or_end_of_sequence_token_is_refused(@TempDir Path folder)
            throws IOException {
        Files.copy(TINY.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        try (ExampleTokenizer tokenizer = open(folder)) {
            assertThatThrownBy(() -> tokenizer.preferences(preference(ask("Hi"), answer("Yes."), answer("No."))))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("must hold a chat template");
            assertThatThrownBy(() -> tokenizer.preferences(
                            preference(new Text.Plain("Hi"), new Text.Plain("Yes."), new Text.Plain("No."))))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("must name an eos_token");
        }
    }
}
