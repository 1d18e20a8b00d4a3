package dpo.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Ranked} lists as pairs. */
class RankedAsPairsTest implements SourceContract {

    @Override
    public PreferenceSource source(Rows rows) {
        return new Ranked(rows, Ranked.Pairs.ALL);
    }

    @Override
    public List<String> rows() {
        return new RankedTest().rows();
    }

    @Override
    public List<String> requiredFields() {
        return new RankedTest().requiredFields();
    }

    private static Dataset<PreferenceExample> read(Path folder, Ranked.Pairs pairs, OnBadRow policy, String... lines)
            throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), String.join("\n", lines));
        return new Ranked(new Rows(file, 0, Optional.empty(), policy), pairs).read();
    }

    /** {@code id: better > worse ratings × weight}. */
    private static List<String> told(Dataset<PreferenceExample> data) {
        return data.examples().stream()
                .map(pair -> pair.id() + ": " + pair.completions().get(0).readable() + " > "
                        + pair.completions().get(1).readable() + " " + pair.ratings() + " x " + pair.weight())
                .toList();
    }

    @Test
    void all_pairs_are_named_by_their_positions_in_the_order(@TempDir Path folder) throws IOException {
        Dataset<PreferenceExample> data = read(
                folder,
                Ranked.Pairs.ALL,
                OnBadRow.FAIL,
                RankedTest.row("\"ratings\": [1, 3, 2]"),
                RankedTest.row("\"ranks\": [1, 2, 2]"));
        assertThat(told(data))
                .containsExactly(
                        "row-1/1-2: b > c [3.0, 2.0] x " + 1.0 / 3,
                        "row-1/1-3: b > a [3.0, 1.0] x " + 1.0 / 3,
                        "row-1/2-3: c > a [2.0, 1.0] x " + 1.0 / 3,
                        "row-2/1-2: a > b [] x 0.5",
                        "row-2/1-3: a > c [] x 0.5");
        assertThat(data.counts()).isEqualTo(new RowCounts(6, 5, 0, Map.of("tie", 1)));
    }

    @Test
    void the_best_is_paired_with_each_worse_one(@TempDir Path folder) throws IOException {
        Dataset<PreferenceExample> data = read(
                folder,
                Ranked.Pairs.BEST,
                OnBadRow.FAIL,
                RankedTest.row("\"ratings\": [1, 3, 2]"),
                RankedTest.row("\"ratings\": [5, 3, 5]"));
        assertThat(told(data))
                .containsExactly(
                        "row-1/1-2: b > c [3.0, 2.0] x 0.5",
                        "row-1/1-3: b > a [3.0, 1.0] x 0.5",
                        "row-2/1-3: a > b [5.0, 3.0] x 1.0");
        assertThat(data.counts()).isEqualTo(new RowCounts(4, 3, 0, Map.of("tie", 1)));
    }

    @Test
    void weights_of_a_prompt_sum_to_one(@TempDir Path folder) throws IOException {
        for (Ranked.Pairs pairs : List.of(Ranked.Pairs.ALL, Ranked.Pairs.BEST)) {
            Map<String, Double> sums =
                    read(folder, pairs, OnBadRow.FAIL, rows().toArray(String[]::new)).examples().stream()
                            .collect(Collectors.groupingBy(
                                    pair -> pair.prompt().readable(),
                                    Collectors.summingDouble(PreferenceExample::weight)));
            assertThat(sums).hasSize(5).allSatisfy((prompt, sum) -> assertThat(sum)
                    .isCloseTo(1, within(1e-15)));
        }
    }

    @Test
    void a_bad_completion_drops_the_whole_list_as_one_entry(@TempDir Path folder) throws IOException {
        Dataset<PreferenceExample> data = read(
                folder,
                Ranked.Pairs.ALL,
                OnBadRow.SKIP,
                rows().get(0),
                RankedTest.row("\"ratings\": [1, 1, 1]"),
                "{\"prompt\": \"Q\", \"completions\": [\"a\", \"\", \"c\"], \"ratings\": [1, 2, 3]}");
        assertThat(data.counts()).isEqualTo(new RowCounts(5, 3, 0, Map.of("all_tied", 1, "empty_completion", 1)));
    }
}
