package dpo.harness.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.run.RowDigest;
import dpo.harness.store.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs found by content, rows and numbers compared. */
class InputsTest {

    @TempDir
    Path scratch;

    private static Optional<String> rows(String recorded, String again) {
        return new RowDifference(digests(recorded), digests(again)).text();
    }

    private static List<RowDigest> digests(String letters) {
        return Stream.of(letters.split(""))
                .map(letter -> new RowDigest(letter, "id-" + letter))
                .toList();
    }

    @Test
    void rows_that_differ_are_counted_and_the_first_is_named() {
        assertThat(rows("abcd", "abcd")).isEmpty();
        assertThat(rows("abcd", "abxd")).contains("1 differs, the first is number 3, id-x");
        assertThat(rows("abcd", "bacd")).contains("the same in another order, the first is number 1, id-b");
        assertThat(rows("abcd", "acd")).contains("1 missing, the first is number 2, id-c");
        assertThat(rows("abcd", "abc")).contains("1 missing, the first is number 4, id-d");
        assertThat(rows("aab", "abb")).contains("1 differs, the first is number 2, id-b");
        assertThat(rows("ab", "xyz")).contains("3 new, 2 missing, the first is number 1, id-x");
    }

    @Test
    void counts_must_be_equal_shares_and_numbers_close() {
        Tolerance tolerance = new Tolerance(1e-4);
        assertThat(tolerance.accepts("tokens/chosen", 3, 4)).isFalse();
        assertThat(tolerance.accepts("eval/rewards/accuracies", 0.5, 0.509)).isTrue();
        assertThat(tolerance.accepts("eval/rewards/accuracies", 0.5, 0.511)).isFalse();
        assertThat(tolerance.accepts("loss", 0, 0.9e-4)).isTrue();
        assertThat(tolerance.accepts("loss", 0, 1.1e-4)).isFalse();
        assertThat(tolerance.accepts("policy.chosen", -1000, -1000.09)).isTrue();
        assertThat(tolerance.accepts("turns/1/rewards/margins", 0, 0.5e-4)).isTrue();
        assertThat(tolerance.accepts("loss", 1, Double.NaN)).isFalse();
        assertThatThrownBy(() -> new Tolerance(Double.NaN))
                .hasMessage("tolerance must be at least 0 and finite, got NaN");
        assertThatThrownBy(() -> new Tolerance(Double.POSITIVE_INFINITY)).hasMessageContaining("finite, got Infinity");
    }

    @Test
    void a_count_or_a_number_that_is_not_finite_is_a_larger_difference_than_any_other() {
        for (String metric : List.of("tokens", "custom/ratio")) {
            double again = metric.equals("tokens") ? 41 : Double.NaN;
            FileComparison.Largest largest = new NumberComparison("result", new Tolerance(1e-4))
                    .lines(List.of(Map.of("loss", 0.5, metric, 40.0)), List.of(Map.of("loss", 0.50001, metric, again)))
                    .result()
                    .largest()
                    .orElseThrow();
            assertThat(largest.metric()).isEqualTo(metric);
        }
    }

    @Test
    void the_largest_difference_is_relative_to_the_tolerance_of_its_metric_and_lost_lines_are_a_difference() {
        NumberComparison numbers = new NumberComparison("metrics.jsonl", new Tolerance(1e-4));
        FileComparison result = numbers.lines(
                        List.of(
                                Map.of("step", 1, "loss", 0.5, "step_seconds", 1.0),
                                Map.of("step", 2, "loss", 100.0, "rewards/accuracies", 0.5),
                                Map.of("step", 3)),
                        List.of(
                                Map.of("step", 1, "loss", 0.50002, "step_seconds", 9.0),
                                Map.of("step", 2, "loss", 100.001, "rewards/accuracies", 0.501)))
                .result();
        assertThat(result.verdict()).isEqualTo(Verdict.DIFFERENT);
        assertThat(result.remark()).isEqualTo("3 lines were recorded, 2 now");
        assertThat(result.numbers()).isEqualTo(5);
        assertThat(result.unequal()).isEqualTo(3);
        assertThat(result.largest().orElseThrow()).isEqualTo(new FileComparison.Largest("loss", 1, "", 0.5, 0.50002));
    }

    @Test
    void an_input_is_found_by_content_under_any_name_before_one_with_its_name_and_other_content() throws IOException {
        Path recorded = scratch.resolve("old/data.jsonl");
        SortedMap<String, InputFile> content =
                new TreeMap<>(InputFile.at(Files.writeString(scratch.resolve("wanted"), "abc")));
        Path folder = Files.createDirectories(scratch.resolve("new/deep"));
        Files.writeString(folder.resolve("data.jsonl"), "xyz");
        assertThat(new InputSearch(List.of(scratch.resolve("new"))).find(recorded, content))
                .contains(new InputSearch.Found(recorded, folder.resolve("data.jsonl"), false));
        Files.writeString(folder.resolve("renamed"), "abc");
        assertThat(new InputSearch(List.of(scratch.resolve("new"))).find(recorded, content))
                .contains(new InputSearch.Found(recorded, folder.resolve("renamed"), true));
        assertThat(new InputSearch(List.of()).find(recorded, content)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "network.zip", "network.properties"})
    void a_model_is_found_by_all_of_its_files(String weights) throws IOException {
        Path recorded = Files.createDirectories(scratch.resolve("model"));
        Files.writeString(recorded.resolve("config.json"), "{}");
        Files.writeString(recorded.resolve(weights), "1");
        SortedMap<String, InputFile> content = InputFile.at(recorded);
        Files.createDirectories(scratch.resolve("new"));
        Path other = Files.createDirectory(scratch.resolve("new/a"));
        Files.writeString(other.resolve("config.json"), "{}");
        Files.writeString(other.resolve(weights), "2");
        assertThat(new InputSearch(List.of(scratch.resolve("new"))).find(scratch.resolve("a"), content))
                .contains(new InputSearch.Found(scratch.resolve("a"), other, false));
        Path same = scratch.resolve("new/b");
        Files.move(recorded, same);
        Files.writeString(same.resolve("notes.md"), "of no meaning");
        assertThat(new InputSearch(List.of(scratch.resolve("new"))).find(recorded, content))
                .contains(new InputSearch.Found(recorded, same, true));
    }
}
