package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Rows;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import dpo.data.source.SourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversationalTest implements SourceContract {

    private static final String USER = "{\"role\": \"user\", \"content\": \"Hello 👍\"}";

    private static String answer(String text) {
        return "{\"role\": \"assistant\", \"content\": \"" + text + "\"}";
    }

    @Override
    public PreferenceSource source(Rows rows) {
        return new Conversational(rows);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 6)
                .mapToObj(i -> "{\"prompt\": [" + USER + "], \"chosen\": [" + answer("yes " + i) + "], \"rejected\": ["
                        + answer("no") + "], \"score\": " + i + "}")
                .toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("prompt", "chosen", "rejected");
    }

    private static List<PreferenceExample> read(Path folder, String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
        return new Conversational(Rows.of(file)).read().examples();
    }

    @Test
    void an_implicit_prompt_is_the_shared_beginning_of_both_conversations(@TempDir Path folder) throws IOException {
        PreferenceExample example = read(
                        folder,
                        "{\"chosen\": [" + USER + "," + answer("a") + "," + USER + ","
                                + answer("b")
                                + "], \"rejected\": [" + USER + "," + answer("c") + "]}")
                .get(0);
        Message hello = Message.user("Hello 👍");
        assertThat(example)
                .isEqualTo(PreferenceExample.pair(
                        "row-1",
                        new Text.Conversation(List.of(hello)),
                        new Text.Conversation(List.of(Message.assistant("a"), hello, Message.assistant("b"))),
                        new Text.Conversation(List.of(Message.assistant("c")))));
    }

    @Test
    void every_text_is_read_unchanged(@TempDir Path folder) throws IOException {
        String odd = "tab\\t \\u0000 \\\"quoted\\\" \\ud83d\\udc4d 東京 \\u2028 <|im_end|> {{ x }} \\\\n  ";
        PreferenceExample example = read(
                        folder,
                        "{\"prompt\": [" + USER + "], \"chosen\": [" + answer(odd) + "], \"rejected\": [" + answer("no")
                                + "]}")
                .get(0);
        assertThat(example.completions().get(0).readable())
                .isEqualTo("assistant: tab\t \0 \"quoted\" 👍 東京 \u2028 <|im_end|> {{ x }} \\n  ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            equal_completions      | {"prompt": [U], "chosen": [A], "rejected": [A]}
            equal_completions      | {"chosen": [U, A], "rejected": [U, A]}
            no_prompt_boundary     | {"chosen": [U, A], "rejected": [U, A, U, B]}
            empty_prompt           | {"prompt": [], "chosen": [A], "rejected": [B]}
            empty_prompt           | {"chosen": [A], "rejected": [B]}
            empty_completion       | {"prompt": [U], "chosen": [], "rejected": [B]}
            empty_completion       | {"prompt": [U], "chosen": [A], "rejected": [E]}
            empty_completion       | {"prompt": [U], "chosen": [E, U, A], "rejected": [B]}
            empty_completion       | {"prompt": [U], "chosen": [U], "rejected": [B]}
            last_turn_not_assistant| {"prompt": [U], "chosen": [A, U], "rejected": [B]}
            unsupported_field      | {"prompt": [U], "chosen": [A], "rejected": [B], "tools": [{}]}
            wrong_type             | {"prompt": "Hi", "chosen": [A], "rejected": [B]}
            missing_field          | {"prompt": [U], "chosen": [A]}
            broken_json            | {"prompt": [U], "chosen": [A], "rejected": [B], "chosen": [A]}
            """)
    void rows_that_cannot_be_examples_are_counted_by_reason(String reason, String row, @TempDir Path folder)
            throws IOException {
        String bad = row.replace("U", USER)
                .replace("A", answer("a"))
                .replace("B", answer("b"))
                .replace("E", answer(" \\n"));
        assertThatThrownBy(() -> read(folder, bad))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a.jsonl, row 1");
        boolean explicit = bad.contains("\"prompt\"");
        String shared = explicit ? "" : USER + ",";
        String good = "{" + (explicit ? "\"prompt\": [" + USER + "]," : "") + "\"chosen\": [" + shared + answer("a")
                + "], \"rejected\": [" + shared + answer("b") + "]}";
        Path file = Files.writeString(folder.resolve("a.jsonl"), bad + "\n" + good);
        assertThat(source(new Rows(file, 0, Optional.empty(), OnBadRow.SKIP))
                        .read()
                        .counts()
                        .dropped())
                .containsExactly(Map.entry(reason, 1));
    }

    @Test
    void rows_with_and_without_a_prompt_cannot_be_mixed(@TempDir Path folder) {
        assertThatThrownBy(() -> read(
                        folder,
                        rows().get(0),
                        "{\"chosen\": [" + USER + "," + answer("a") + "], \"rejected\": [" + USER + "," + answer("b")
                                + "]}"))
                .hasMessageContainingAll("prompt must be given in all rows or in none", "row 2");
    }
}
