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
import dpo.data.source.RowCounts;
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

class RankedTest implements SourceContract {

    private static final Text PROMPT = new Text.Plain("Q");

    static String row(String label) {
        return "{\"prompt\": \"Q\", \"completions\": [\"a\", \"b\", \"c\"], " + label + "}";
    }

    @Override
    public PreferenceSource source(Rows rows) {
        return new Ranked(rows, Ranked.Pairs.NONE);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 5)
                .mapToObj(i -> "{\"prompt\": \"Q" + i + " 👍\", \"completions\": [\" yes\", \" no\", \" é\"], "
                        + "\"ratings\": [1, 2.5, " + i + "]}")
                .toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("prompt", "completions", "ratings");
    }

    private static List<Text> texts(String... texts) {
        return List.of(texts).stream().<Text>map(Text.Plain::new).toList();
    }

    private List<PreferenceExample> read(Path folder, String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
        return source(Rows.of(file)).read().examples();
    }

    @Test
    void completions_are_ordered_best_first_and_ties_as_in_the_row(@TempDir Path folder) throws IOException {
        assertThat(read(
                        folder,
                        row("\"ratings\": [1, 3, 2]"),
                        row("\"ratings\": [-1, 2.5, -1]"),
                        row("\"ratings\": [0, 4, 4]")))
                .containsExactly(
                        PreferenceExample.of("row-1", PROMPT, texts("b", "c", "a"), List.of(3.0, 2.0, 1.0)),
                        PreferenceExample.of("row-2", PROMPT, texts("b", "a", "c"), List.of(2.5, -1.0, -1.0)),
                        PreferenceExample.of("row-3", PROMPT, texts("b", "c", "a"), List.of(4.0, 4.0, 0.0)));
    }

    @Test
    void rank_1_is_the_best_and_ranks_are_an_order_without_ratings(@TempDir Path folder) throws IOException {
        assertThat(read(folder, row("\"ranks\": [3, 1, 2]"), row("\"ranks\": [2, 9, 4]")))
                .containsExactly(
                        PreferenceExample.of("row-1", PROMPT, texts("b", "c", "a"), List.of()),
                        PreferenceExample.of("row-2", PROMPT, texts("a", "c", "b"), List.of()));
    }

    @Test
    void messages_are_read_if_the_first_row_has_them(@TempDir Path folder) throws IOException {
        String row = "{\"prompt\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"completions\": "
                + "[[{\"role\": \"assistant\", \"content\": \"No\"}], [{\"role\": \"assistant\", \"content\": \"Yes\"}]],"
                + " \"ranks\": [2, 1]}";
        assertThat(read(folder, row))
                .containsExactly(PreferenceExample.pair(
                        "row-1",
                        new Text.Conversation(List.of(Message.user("Hi"))),
                        new Text.Conversation(List.of(Message.assistant("Yes"))),
                        new Text.Conversation(List.of(Message.assistant("No")))));
        assertThatThrownBy(() -> read(folder, row, rows().get(0)))
                .hasMessageContainingAll("prompt must be a list of messages, got a string", "row 2");
        assertThatThrownBy(() -> read(folder, row.replace("[[", "[{}, [")))
                .hasMessageContainingAll("completions[0] must be a list of messages, got an object", "row 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            all_tied            | {"prompt": "Q", "completions": ["a", "b"], "ratings": [1, 1.0]}
            all_tied            | {"prompt": "Q", "completions": ["a", "b"], "ratings": [0.0, -0.0]}
            all_tied            | {"prompt": "Q", "completions": ["a", "b"], "ranks": [1, 1]}
            tied_ranks          | {"prompt": "Q", "completions": ["a", "b", "c"], "ranks": [1, 2, 1]}
            bad_rank            | {"prompt": "Q", "completions": ["a", "b"], "ranks": [0, 1]}
            bad_rank            | {"prompt": "Q", "completions": ["a", "b"], "ranks": [1, 1.5]}
            wrong_length        | {"prompt": "Q", "completions": ["a", "b"], "ratings": [1, 2, 3]}
            missing_field       | {"prompt": "Q", "completions": ["a", "b"], "ratings": []}
            wrong_type          | {"prompt": "Q", "completions": ["a", "b"], "ratings": [1, "2"]}
            wrong_type          | {"prompt": "Q", "completions": ["a", "b"], "ratings": [1, null]}
            wrong_type          | {"prompt": "Q", "completions": ["a", "b"], "ratings": [1, 1e999]}
            missing_field       | {"prompt": "Q", "completions": ["a", "b"]}
            unsupported_field   | {"prompt": "Q", "completions": ["a", "b"], "ratings": [2, 1], "ranks": [1, 2]}
            unsupported_field   | {"prompt": "Q", "completions": ["a", "b"], "ratings": [2, 1], "tools": [{}]}
            too_few_completions | {"prompt": "Q", "completions": ["a"], "ratings": [2]}
            too_few_completions | {"prompt": "Q", "completions": [], "ratings": []}
            equal_completions   | {"prompt": "Q", "completions": ["a", "b", "a"], "ratings": [3, 2, 1]}
            empty_completion    | {"prompt": "Q", "completions": ["a", "b", " "], "ratings": [3, 2, 1]}
            empty_prompt        | {"prompt": "", "completions": ["a", "b"], "ratings": [2, 1]}
            wrong_type          | {"prompt": "Q", "completions": ["a", ["b"]], "ratings": [2, 1]}
            wrong_type          | {"prompt": "Q", "completions": "ab", "ratings": [2, 1]}
            """)
    void rows_that_cannot_be_examples_are_counted_by_reason(String reason, String bad, @TempDir Path folder)
            throws IOException {
        assertThatThrownBy(() -> read(folder, bad))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a.jsonl, row 1");
        Path file = Files.writeString(folder.resolve("a.jsonl"), bad + "\n" + rows().get(0));
        assertThat(source(new Rows(file, 0, Optional.empty(), OnBadRow.SKIP))
                        .read()
                        .counts())
                .isEqualTo(new RowCounts(2, 1, 0, Map.of(reason, 1)));
    }
}
