package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.TestData;
import dpo.data.example.Message;
import dpo.data.example.PreferenceExample;
import dpo.data.example.Text;
import dpo.data.row.Rows;
import dpo.data.source.Dataset;
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

class HhRlhfTest implements SourceContract {

    private static String row(String chosen, String rejected) {
        return "{\"chosen\": \"" + chosen + "\", \"rejected\": \"" + rejected + "\"}";
    }

    private static String turns(String... turns) {
        StringBuilder text = new StringBuilder();
        for (String turn : turns) {
            text.append("\\n\\n").append(turn);
        }
        return text.toString();
    }

    @Override
    public PreferenceSource source(Rows rows) {
        return new HhRlhf(rows);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 5)
                .mapToObj(i -> row(turns("Human: Q" + i, "Assistant: yes 👍"), turns("Human: Q" + i, "Assistant: no")))
                .toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("chosen", "rejected");
    }

    private static Dataset<PreferenceExample> read(Path folder, OnBadRow policy, String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
        return new HhRlhf(new Rows(file, 0, Optional.empty(), policy)).read();
    }

    @Test
    void a_transcript_is_split_at_its_headers_and_texts_are_trimmed(@TempDir Path folder) throws IOException {
        PreferenceExample example = read(
                        folder,
                        OnBadRow.FAIL,
                        row(
                                turns("Human:  Hi ", "Assistant: Hello.", "Human: Why?\\n\\nOr: so", "Assistant: A\\n"),
                                turns("Human:  Hi ", "Assistant: Hello.", "Human: Why?\\n\\nOr: so", "Assistant: B")))
                .examples()
                .get(0);
        assertThat(example.prompt())
                .isEqualTo(new Text.Conversation(
                        List.of(Message.user("Hi"), Message.assistant("Hello."), Message.user("Why?\n\nOr: so"))));
        assertThat(example.completions().get(0)).isEqualTo(new Text.Conversation(List.of(Message.assistant("A"))));
        assertThat(example.completions().get(1)).isEqualTo(new Text.Conversation(List.of(Message.assistant("B"))));
    }

    @Test
    void rows_that_differ_before_the_last_turn_are_dropped_and_counted(@TempDir Path folder) throws IOException {
        RowCounts counts = read(
                        folder,
                        OnBadRow.FAIL,
                        rows().get(0),
                        row(turns("Human: Q", "Assistant: a"), turns("Human: R", "Assistant: b")),
                        row(turns("Human: Q", "Assistant: a"), turns("Human: Q", "Assistant: a", "Assistant: b")),
                        row(turns("Human: Q", "Assistant: a"), turns("Human: Q", "Assistant: a", "Human: b")))
                .counts();
        assertThat(counts)
                .isEqualTo(new RowCounts(4, 1, 0, Map.of("differs_before_last_turn", 2, "last_turn_not_assistant", 1)));
    }

    @Test
    void an_empty_or_equal_completion_and_a_text_without_headers_are_bad(@TempDir Path folder) {
        assertThatThrownBy(() -> read(
                        folder,
                        OnBadRow.FAIL,
                        row(turns("Human: Q", "Assistant: "), turns("Human: Q", "Assistant: b"))))
                .hasMessageContainingAll("chosen must not be empty", "row 1");
        assertThatThrownBy(() -> read(
                        folder,
                        OnBadRow.FAIL,
                        row(turns("Human: Q", "Assistant: b"), turns("Human: Q", "Assistant: b "))))
                .hasMessageContainingAll("chosen must differ from rejected", "row 1");
        assertThatThrownBy(() -> read(folder, OnBadRow.FAIL, row("Hello", "Hi")))
                .hasMessageContainingAll("chosen must begin with", "row 1");
    }

    @Test
    void the_harmless_test_split_has_2303_usable_rows_of_2312() {
        Path file = TestData.shared("data/hh-harmless-test.jsonl.gz");
        Dataset<PreferenceExample> data = new HhRlhf(new Rows(file, 0, Optional.empty(), OnBadRow.SKIP)).read();
        assertThat(data.counts())
                .isEqualTo(new RowCounts(2312, 2303, 0, Map.of("empty_completion", 4, "differs_before_last_turn", 5)));
    }
}
