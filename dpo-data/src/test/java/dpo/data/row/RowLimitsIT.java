package dpo.data.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.source.OnBadRow;
import dpo.data.source.Selection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows and files beyond the limits, and files of other kinds. */
class RowLimitsIT {

    private static final String ROW = "{\"name\": \"a\"}";

    @TempDir
    Path folder;

    private static Selection<String> read(Path file, OnBadRow policy) {
        return new Rows(file, 0, Optional.empty(), policy)
                .read((row, entries) -> entries.example(() -> row.number() + row.text("name")));
    }

    private Path file(String name, byte[]... parts) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(content::writeBytes);
        return Files.write(folder.resolve(name), content.toByteArray());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content, int times) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            for (int i = 0; i < times; i++) {
                gzip.write(content);
            }
        }
        return packed.toByteArray();
    }

    @Test
    void a_row_that_is_too_long_is_counted_and_not_stored() throws IOException {
        byte[] huge = gzip(new byte[1 << 20], 64);
        Path lines = file("huge.jsonl.gz", gzip(bytes(ROW + "\n"), 1), huge, gzip(bytes("\n" + ROW), 1));
        Selection<String> selection = read(lines, OnBadRow.SKIP);
        assertThat(selection.examples()).containsExactly("1a", "3a");
        assertThat(selection.counts().dropped()).isEqualTo(Map.of("too_large", 1));
        assertThatThrownBy(() -> read(lines, OnBadRow.FAIL))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("at most 16777216 bytes", "row 2");
        Path array = file("huge.json.gz", gzip(bytes("[" + ROW + ",\""), 1), huge, gzip(bytes("\"," + ROW + "]"), 1));
        assertThat(read(array, OnBadRow.SKIP).examples()).containsExactly("1a", "3a");
    }

    @Test
    void json_beyond_the_limits_is_counted_in_lines_and_in_arrays() throws IOException {
        for (String bad : new String[] {
            "{\"name\": " + "[".repeat(5000) + "]".repeat(5000) + "}",
            "{\"" + "n".repeat(70_000) + "\": 1}",
            "{\"name\": " + "9".repeat(3000) + "}",
            "{\"name\": [" + "1,".repeat(3_000_000) + "1]}"
        }) {
            Path lines = file("a.jsonl", bytes(ROW + "\n" + bad + "\n" + ROW));
            Path array = file("a.json", bytes("[" + ROW + "," + bad + "," + ROW + "]"));
            for (Path file : new Path[] {lines, array}) {
                assertThat(read(file, OnBadRow.SKIP).examples()).containsExactly("1a", "3a");
                assertThatThrownBy(() -> read(file, OnBadRow.FAIL))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("row 2")
                        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
            }
        }
    }

    @Test
    void gzip_members_may_be_concatenated_but_nothing_else_may_follow() throws IOException {
        byte[] member = gzip(bytes(ROW + "\n"), 1);
        assertThat(read(file("a.jsonl.gz", member, member), OnBadRow.FAIL).examples())
                .containsExactly("1a", "2a");
        assertThat(read(file("unnamed.jsonl", member), OnBadRow.FAIL).examples())
                .containsExactly("1a");
        for (byte[] rest : new byte[][] {bytes(ROW), {0}, Arrays.copyOf(member, 6), Arrays.copyOf(member, 15)}) {
            Path file = file("b.jsonl.gz", member, rest);
            assertThatThrownBy(() -> read(file, OnBadRow.SKIP))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("b.jsonl.gz");
        }
    }

    @ParameterizedTest
    @CsvSource({"PAR1, Parquet", "PK\u0003\u0004x, ZIP", "SQLite format 3, SQLite", "BZh9, bzip2"})
    void the_error_for_a_file_of_another_kind_names_the_kind(String beginning, String kind) throws IOException {
        Path file = file("a.jsonl", bytes(beginning + "…"));
        assertThatThrownBy(() -> read(file, OnBadRow.SKIP))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("JSON Lines or a JSON array", kind, "a.jsonl");
    }

    @Test
    void a_file_without_usable_rows_shows_the_first_bad_row_of_each_reason() throws IOException {
        Path file = file("a.jsonl", bytes("prompt,chosen\n{}\nx,y\n"), new byte[] {(byte) 0xC3, '\n'});
        assertThatThrownBy(() -> read(file, OnBadRow.SKIP))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(
                        "broken_json 2",
                        "broken_json, first in row 1",
                        "got 'prompt,chosen'",
                        "missing_field, first in row 2: name must be given",
                        "broken_text, first in row 4");
    }

    @Test
    void an_incomplete_array_and_content_after_an_array_are_errors_under_every_policy() throws IOException {
        for (String bad : new String[] {
            "[" + ROW,
            "[" + ROW + ",",
            "[" + ROW + ",]",
            "[" + ROW + "] " + ROW,
            "[" + ROW + ",," + ROW + "]",
            "[" + ROW + " " + ROW + "]",
            "[{\"name\": \"a]",
            "[" + ROW + "}]"
        }) {
            Path file = file("a.json", bytes(bad));
            assertThatThrownBy(() -> read(file, OnBadRow.SKIP))
                    .as(bad)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("a.json");
        }
    }
}
