package dpo.data.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.source.OnBadRow;
import dpo.data.source.RowCounts;
import dpo.data.source.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowsTest {

    private static final RowDecoder<String> NAMES = (row, entries) -> {
        if (row.has("tie")) {
            entries.drop("tie");
        } else {
            entries.example(() -> row.number() + row.text("name"));
        }
    };

    private static Path lines(Path folder, String... lines) throws IOException {
        return Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
    }

    private static Rows rows(Path file, int skip, Integer limit, OnBadRow policy) {
        return new Rows(file, skip, Optional.ofNullable(limit), policy);
    }

    @Test
    void rows_are_numbered_by_line_and_blank_lines_are_not_rows(@TempDir Path folder) throws IOException {
        Path file = lines(folder, "{\"name\": \"a\"}\r", "", "  \t", "{\"name\": \"b\u2028c\"}");
        Selection<String> selection = rows(file, 0, null, OnBadRow.FAIL).read(NAMES);
        assertThat(selection.examples()).containsExactly("1a", "4b\u2028c");
        assertThat(selection.counts()).isEqualTo(new RowCounts(2, 2, 0, Map.of()));
    }

    @Test
    void entries_are_counted_by_reason_and_those_before_the_selection_as_skipped(@TempDir Path folder)
            throws IOException {
        Path file = lines(
                folder,
                "{\"tie\": 1}",
                "{\"name\": \"a\"}",
                "{\"tie\": 1}",
                "{bad",
                "{\"name\": \"b\"}",
                "{\"name\": 3}",
                "{}",
                "{\"name\": \"c\"}",
                "{bad");
        Selection<String> all = rows(file, 0, null, OnBadRow.SKIP).read(NAMES);
        assertThat(all.counts().dropped())
                .containsExactly(
                        Map.entry("tie", 2),
                        Map.entry("broken_json", 2),
                        Map.entry("wrong_type", 1),
                        Map.entry("missing_field", 1));
        Selection<String> second = rows(file, 1, 1, OnBadRow.SKIP).read(NAMES);
        assertThat(second.examples()).containsExactly("5b");
        assertThat(second.counts()).isEqualTo(new RowCounts(5, 1, 2, Map.of("tie", 1, "broken_json", 1)));
    }

    @Test
    void a_fault_of_a_reader_is_no_bad_row_and_its_error_names_the_row(@TempDir Path folder) throws IOException {
        Path file = lines(folder, "{\"name\": \"a\"}", "{\"name\": \"\"}");
        RowDecoder<Character> faulty =
                (row, entries) -> entries.example(() -> row.text("name").charAt(0));
        assertThatThrownBy(() -> rows(file, 0, null, OnBadRow.SKIP).read(faulty))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "reader must convert a row or throw a BadRowException, got java.lang.StringIndex",
                        "(" + file + ", row 2)")
                .hasCauseInstanceOf(StringIndexOutOfBoundsException.class);
    }

    @Test
    void rows_after_the_limit_are_not_decoded(@TempDir Path folder) throws IOException {
        Path file = lines(folder, "{\"name\": \"a\"}", "{bad");
        assertThat(rows(file, 0, 1, OnBadRow.FAIL).read(NAMES).examples()).containsExactly("1a");
        assertThatThrownBy(() -> rows(file, 0, 2, OnBadRow.FAIL).read(NAMES))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("a.jsonl, row 2", "on_bad_row: skip");
    }

    @Test
    void a_lone_surrogate_in_a_message_is_bad_because_utf8_cannot_encode_it(@TempDir Path folder) throws IOException {
        Path file = lines(
                folder,
                "{\"m\": [{\"role\": \"user\", \"content\": \"ok \\ud83d\\udc4d\"}]}",
                "{\"m\": [{\"role\": \"user\", \"content\": \"half \\ud83d\"}]}");
        assertThatThrownBy(() -> rows(file, 0, null, OnBadRow.FAIL)
                        .read((row, entries) -> entries.example(() -> row.messages("m"))))
                .hasMessageContainingAll("lone surrogate \\ud83d", "row 2");
    }

    @Test
    void a_message_with_anything_besides_role_and_content_is_refused(@TempDir Path folder) throws IOException {
        for (String message : List.of(
                "{\"role\": \"user\"}",
                "{\"content\": \"a\"}",
                "{\"role\": \" \", \"content\": \"a\"}",
                "{\"role\": \"user\", \"content\": [\"a\"]}",
                "{\"role\": \"tool\", \"content\": \"a\", \"name\": \"f\"}",
                "\"a\"")) {
            Path file = lines(folder, "{\"m\": [" + message + "]}");
            assertThatThrownBy(() -> rows(file, 0, null, OnBadRow.FAIL)
                            .read((row, entries) -> entries.example(() -> row.messages("m"))))
                    .as(message)
                    .isInstanceOf(DataException.class)
                    .hasCauseInstanceOf(BadRowException.class)
                    .hasMessageContaining("row 1");
        }
    }

    @Test
    void the_checksum_equals_that_of_the_whole_file_for_every_selection(@TempDir Path folder) throws IOException {
        Path file = lines(folder, "{\"name\": \"a\"}", "{\"name\": \"b\"}");
        // printf '{"name": "a"}\n{"name": "b"}' | sha256sum
        String sha256 = "0ebb10c111baa59e2d2a8d699e9bb0a0ee303a065902861fc8a3f41d55228e40";
        assertThat(rows(file, 0, 1, OnBadRow.FAIL).read(NAMES).sha256()).isEqualTo(sha256);
        assertThat(rows(file, 1, null, OnBadRow.FAIL).read(NAMES).sha256()).isEqualTo(sha256);
    }

    @Test
    void skip_and_limit_out_of_range_are_refused(@TempDir Path folder) {
        assertThatThrownBy(() -> rows(folder, -1, null, OnBadRow.FAIL)).hasMessage("skip must be at least 0, got -1");
        assertThatThrownBy(() -> rows(folder, 0, 0, OnBadRow.FAIL)).hasMessage("limit must be at least 1, got 0");
    }

    @Test
    void counts_that_do_not_add_up_are_refused() {
        assertThatThrownBy(() -> new RowCounts(3, 1, 1, Map.of())).hasMessageContaining("got 3 = 1 + 1");
    }
}
