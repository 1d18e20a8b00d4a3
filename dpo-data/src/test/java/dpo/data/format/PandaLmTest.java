package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.data.DataException;
import dpo.data.TestData;
import dpo.data.example.PreferenceExample;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PandaLmTest implements SourceContract {

    private static String row(String input, int first, int second, int third) {
        return "{\"idx\": 0, \"instruction\": \"Do it.\", \"input\": \"" + input + "\", \"response1\": \"one\", "
                + "\"response2\": \"two\", \"annotator1\": " + first + ", \"annotator2\": " + second
                + ", \"annotator3\": " + third + "}";
    }

    @Override
    public PreferenceSource source(Rows rows) {
        return new PandaLm(rows);
    }

    @Override
    public List<String> rows() {
        return IntStream.range(0, 5).mapToObj(i -> row("x" + i, 1, 2, 1)).toList();
    }

    @Override
    public List<String> requiredFields() {
        return List.of("instruction", "input", "response1", "response2", "annotator1", "annotator2", "annotator3");
    }

    @Override
    public String file(List<String> rows) {
        return "[" + String.join(",\n ", rows) + "]";
    }

    @Test
    void each_annotator_is_a_group_and_ties_are_dropped_and_counted(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), file(List.of(row("", 2, 0, 1), row("x", 0, 0, 0))));
        Dataset<PreferenceExample> data = source(Rows.of(file)).read();
        assertThat(data.examples())
                .extracting(PreferenceExample::id)
                .containsExactly("row-1/annotator1", "row-1/annotator3");
        assertThat(data.examples()).extracting(PreferenceExample::group).containsExactly("annotator1", "annotator3");
        assertThat(data.examples())
                .extracting(e -> e.completions().get(0).readable())
                .containsExactly("assistant: two", "assistant: one");
        assertThat(data.examples())
                .extracting(e -> e.completions().get(1).readable())
                .containsExactly("assistant: one", "assistant: two");
        assertThat(data.counts())
                .isEqualTo(
                        new RowCounts(6, 2, 0, Map.of("tie_annotator1", 1, "tie_annotator2", 2, "tie_annotator3", 1)));
    }

    @Test
    void an_input_follows_the_instruction_after_a_blank_line(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), file(List.of(row("", 1, 0, 0), row("x", 1, 0, 0))));
        assertThat(source(Rows.of(file)).read().examples())
                .extracting(e -> e.prompt().readable())
                .containsExactly("user: Do it.", "user: Do it.\n\nx");
    }

    @Test
    void a_label_that_is_not_0_1_or_2_is_bad(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), file(List.of(row("", 1, 3, 0))));
        assertThatThrownBy(() -> source(Rows.of(file)).read())
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("annotator2 must be 0, 1 or 2, got 3", "row 1");
    }

    @Test
    void the_published_file_holds_2997_labels_of_which_326_are_ties() {
        Dataset<PreferenceExample> data = new PandaLm(
                        new Rows(TestData.shared("data/pandalm-testset-v1.json"), 0, Optional.empty(), OnBadRow.SKIP))
                .read();
        assertThat(data.counts())
                .isEqualTo(new RowCounts(
                        2997,
                        2501,
                        0,
                        Map.of(
                                "tie_annotator1",
                                97,
                                "tie_annotator2",
                                116,
                                "tie_annotator3",
                                113,
                                "empty_completion",
                                156,
                                "wrong_type",
                                14)));
        assertThat(data.examples().stream()
                        .collect(Collectors.groupingBy(PreferenceExample::group, Collectors.counting())))
                .isEqualTo(Map.of("annotator1", 844L, "annotator2", 825L, "annotator3", 832L));
    }
}
