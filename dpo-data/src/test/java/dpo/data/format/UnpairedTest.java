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

class UnpairedTest implements SourceContract {

    @Override
    public PreferenceSource source(Rows rows) {
        return new Unpaired(rows);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 5)
                .mapToObj(
                        i -> "{\"prompt\": \"Q" + i + " 👍\", \"completion\": \" A\", \"label\": " + (i % 2 == 0) + "}")
                .toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("prompt", "completion", "label");
    }

    private List<PreferenceExample> read(Path folder, String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
        return source(Rows.of(file)).read().examples();
    }

    @Test
    void a_completion_is_desirable_if_its_label_is_true(@TempDir Path folder) throws IOException {
        assertThat(read(folder, rows().get(0), rows().get(1)))
                .containsExactly(
                        PreferenceExample.labelled("row-1", new Text.Plain("Q0 👍"), new Text.Plain(" A"), true),
                        PreferenceExample.labelled("row-2", new Text.Plain("Q1 👍"), new Text.Plain(" A"), false));
        assertThat(read(folder, rows().get(0), rows().get(1)))
                .extracting(example -> example.label().isFirstDesirable())
                .containsExactly(true, false);
    }

    @Test
    void messages_are_read_if_the_first_row_has_them(@TempDir Path folder) throws IOException {
        String row = "{\"prompt\": [{\"role\": \"user\", \"content\": \"Hi\"}], "
                + "\"completion\": [{\"role\": \"assistant\", \"content\": \"Yes\"}], \"label\": true}";
        assertThat(read(folder, row))
                .containsExactly(PreferenceExample.labelled(
                        "row-1",
                        new Text.Conversation(List.of(Message.user("Hi"))),
                        new Text.Conversation(List.of(Message.assistant("Yes"))),
                        true));
        assertThatThrownBy(() -> read(folder, row, rows().get(0)))
                .hasMessageContainingAll("prompt must be a list of messages, got a string", "row 2");
        assertThatThrownBy(() -> read(folder, rows().get(0), row))
                .hasMessageContainingAll("prompt must be a string, got a list", "row 2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            wrong_type        | {"prompt": "Q", "completion": "A", "label": 1}
            wrong_type        | {"prompt": "Q", "completion": "A", "label": "true"}
            missing_field     | {"prompt": "Q", "completion": "A"}
            wrong_type        | {"prompt": "Q", "completion": [], "label": true}
            empty_prompt      | {"prompt": "", "completion": "A", "label": true}
            empty_completion  | {"prompt": "Q", "completion": " ", "label": false}
            unsupported_field | {"prompt": "Q", "completion": "A", "label": true, "tools": [{}]}
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
