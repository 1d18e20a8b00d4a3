package dpo.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.example.PreferenceExample;
import dpo.data.row.Rows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The laws of every preference source that reads a file. A reader's test implements this interface. */
public interface SourceContract {

    /** The reader under test. */
    PreferenceSource source(Rows rows);

    /** At least five rows, all usable, as JSON objects in one line each. */
    List<String> rows();

    /** The fields without which a row is bad. */
    List<String> requiredFields();

    /** Rows as the content of a file; JSON Lines unless overridden. */
    default String file(List<String> rows) {
        return String.join("\n", rows) + "\n";
    }

    /** All rows; a bad one is an error. */
    private Dataset<PreferenceExample> read(Path file) {
        return source(Rows.of(file)).read();
    }

    private Path written(Path folder, List<String> rows) {
        return write(folder.resolve("rows.json"), file(rows).getBytes(StandardCharsets.UTF_8));
    }

    private static Path write(Path file, byte[] content) {
        try {
            return Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static List<String> with(List<String> rows, int index, String row) {
        List<String> changed = new ArrayList<>(rows);
        changed.set(index, row);
        return changed;
    }

    @Test
    default void every_row_is_used_and_named_once(@TempDir Path folder) {
        Dataset<PreferenceExample> data = read(written(folder, rows()));
        assertThat(data.examples().size()).isGreaterThanOrEqualTo(rows().size());
        assertThat(data.examples()).extracting(PreferenceExample::id).doesNotHaveDuplicates();
        assertThat(data.counts().used()).isEqualTo(data.examples().size());
    }

    @Test
    default void reading_twice_gives_equal_data_and_equal_provenance(@TempDir Path folder) {
        Path file = written(folder, rows());
        assertThat(read(file)).isEqualTo(read(file));
    }

    @Test
    default void provenance_changes_with_the_file_and_with_the_settings(@TempDir Path folder) {
        Path file = written(folder, rows());
        Dataset<PreferenceExample> before = read(file);
        assertThat(source(new Rows(file, 0, Optional.of(2), OnBadRow.FAIL))
                        .read()
                        .provenance())
                .isNotEqualTo(before.provenance());
        written(folder, rows().subList(1, rows().size()));
        assertThat(read(file).provenance().sha256())
                .isNotEqualTo(before.provenance().sha256());
    }

    @Test
    default void skip_and_limit_partition_the_data(@TempDir Path folder) {
        Path file = written(folder, rows());
        for (int cut = 1; cut < rows().size(); cut++) {
            List<PreferenceExample> parts = new ArrayList<>(source(new Rows(file, 0, Optional.of(cut), OnBadRow.FAIL))
                    .read()
                    .examples());
            parts.addAll(source(new Rows(file, cut, Optional.empty(), OnBadRow.FAIL))
                    .read()
                    .examples());
            assertThat(parts).isEqualTo(read(file).examples());
        }
    }

    @Test
    default void skip_counts_usable_rows_only(@TempDir Path folder) {
        List<String> rows = new ArrayList<>(rows());
        rows.add(0, "{\"nothing\": 1}");
        Path file = written(folder, rows);
        assertThat(source(new Rows(file, 2, Optional.of(1), OnBadRow.SKIP))
                        .read()
                        .examples())
                .extracting(PreferenceExample::completions)
                .isEqualTo(
                        source(new Rows(written(folder, rows()), 2, Optional.of(1), OnBadRow.FAIL))
                                .read()
                                .examples()
                                .stream()
                                .map(PreferenceExample::completions)
                                .toList());
    }

    @Test
    default void a_gzip_file_has_the_same_examples(@TempDir Path folder) {
        Path packed = write(folder.resolve("rows.json.gz"), gzip(file(rows()).getBytes(StandardCharsets.UTF_8)));
        assertThat(read(packed).examples())
                .isEqualTo(read(written(folder, rows())).examples());
    }

    @Test
    default void an_incomplete_gzip_file_is_an_error_for_every_selection(@TempDir Path folder) {
        byte[] whole = gzip(file(rows()).getBytes(StandardCharsets.UTF_8));
        Path packed = folder.resolve("rows.json.gz");
        for (int length : new int[] {0, 5, whole.length / 2, whole.length - 1}) {
            write(packed, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> source(new Rows(packed, 0, Optional.of(1), OnBadRow.SKIP))
                            .read())
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("rows.json.gz");
        }
    }

    @Test
    default void a_missing_file_and_a_folder_are_named(@TempDir Path folder) {
        assertThatThrownBy(() -> read(folder.resolve("none.json")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("none.json");
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(folder.toString());
    }

    @Test
    default void a_file_without_usable_rows_is_an_error(@TempDir Path folder) {
        assertThatThrownBy(() -> read(written(folder, List.of()))).isInstanceOf(DataException.class);
        Path file = written(folder, rows());
        assertThatThrownBy(() -> source(new Rows(file, rows().size(), Optional.empty(), OnBadRow.FAIL))
                        .read())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("at least one usable row");
    }

    @Test
    default void each_missing_field_and_each_wrong_type_is_named_with_its_row_or_counted(@TempDir Path folder) {
        JsonMapper json = JsonMapper.builder().build();
        for (String field : requiredFields()) {
            ObjectNode missing = (ObjectNode) json.readTree(rows().get(1));
            missing.remove(field);
            assertBad(folder, missing.toString(), field);
            ObjectNode wrong = (ObjectNode) json.readTree(rows().get(1));
            wrong.put(field, 1.5);
            assertBad(folder, wrong.toString(), field);
        }
    }

    private void assertBad(Path folder, String row, String field) {
        Path file = written(folder, with(rows(), 1, row));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(field, "rows.json, row 2");
        Dataset<PreferenceExample> skipped =
                source(new Rows(file, 0, Optional.empty(), OnBadRow.SKIP)).read();
        assertThat(skipped.counts().dropped()).isNotEmpty();
        assertThat(skipped.examples()).allMatch(example -> !example.id().equals("row-2"));
    }

    private static String with(String row, String column) {
        return "{" + column + ", " + row.substring(1);
    }

    @Test
    default void an_unread_column_that_belongs_to_the_prompt_is_bad_unless_it_is_empty(@TempDir Path folder) {
        for (String column : List.of(
                "\"system_prompt\": \"Be brief.\"",
                "\"Tools\": [{\"name\": \"f\"}]",
                "\"system_instruction\": \"Be brief.\"",
                "\"previous_messages\": [{\"role\": \"user\"}]",
                "\"chat_template_kwargs\": {\"enable_thinking\": false}",
                "\"audios\": [\"bell.wav\"]")) {
            Path file = written(folder, with(rows(), 1, with(rows().get(1), column)));
            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll(column.split("\"")[1], "rows.json, row 2");
            Dataset<PreferenceExample> skipped =
                    source(new Rows(file, 0, Optional.empty(), OnBadRow.SKIP)).read();
            assertThat(skipped.counts().dropped()).containsKey("unsupported_field");
            assertThat(skipped.examples()).noneMatch(example -> example.id().matches("row-2(/.*)?"));
            assertThat(skipped.reading().firstDropped().get("unsupported_field"))
                    .startsWith("row 2: ");
        }
        List<PreferenceExample> plain = read(written(folder, rows())).examples();
        for (String empty : List.of("null", "\"\"", "[]", "{}", "{\"a\": null}")) {
            Path file = written(folder, with(rows(), 1, with(rows().get(1), "\"system_prompt\": " + empty)));
            assertThat(read(file).examples()).isEqualTo(plain);
        }
    }

    @Test
    default void columns_that_are_not_read_are_counted(@TempDir Path folder) {
        Path file = written(folder, with(rows(), 1, with(rows().get(1), "\"made_by\": \"hand\"")));
        assertThat(read(file).reading().unread()).containsEntry("made_by", 1);
    }

    @Test
    default void lines_and_an_array_of_the_same_rows_give_equal_completions(@TempDir Path folder) {
        Path lines =
                write(folder.resolve("a.jsonl"), String.join("\r\n", rows()).getBytes(StandardCharsets.UTF_8));
        Path marked = write(
                folder.resolve("b.jsonl"), ("\ufeff" + String.join("\n", rows())).getBytes(StandardCharsets.UTF_8));
        Path array = write(
                folder.resolve("c.json"),
                (" [" + String.join(",\n", rows()) + "] \n").getBytes(StandardCharsets.UTF_8));
        assertThat(read(lines).examples())
                .isEqualTo(read(array).examples())
                .isEqualTo(read(marked).examples());
    }

    @Test
    default void a_row_that_is_not_an_object_is_bad(@TempDir Path folder) {
        Path file = written(folder, with(rows(), 2, "[1]"));
        assertThatThrownBy(() -> read(file)).isInstanceOf(DataException.class).hasMessageContaining("row 3");
        assertThat(source(new Rows(file, 0, Optional.empty(), OnBadRow.SKIP))
                        .read()
                        .counts()
                        .dropped())
                .containsEntry("wrong_type", 1);
    }

    @Test
    default void broken_json_and_duplicate_keys_and_bad_utf8_are_errors(@TempDir Path folder) {
        String row = rows().get(1);
        for (String broken : List.of(
                row.substring(0, row.length() - 2),
                row + "}",
                "{\"x\": 1, \"x\": 2, " + row.substring(1),
                row + " 1")) {
            Path file = written(folder, with(rows(), 1, broken));
            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("rows.json");
        }
        byte[] bytes = file(rows()).getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length / 2] = (byte) 0xC0;
        Path file = write(folder.resolve("rows.json"), bytes);
        assertThatThrownBy(() -> read(file)).isInstanceOf(DataException.class).hasMessageContaining("rows.json");
    }
}
