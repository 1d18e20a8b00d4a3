package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.report.figure.GapsAtKl;
import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import dpo.statistics.IntervalKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of docs/objectives.md has the form that its command writes. */
class ObjectivesPageTest {

    private static final Pattern TABLE = Pattern.compile("(?s)<!-- table -->\n(.*?)<!-- end of the table -->");
    private static final String NUMBER = "−?[0-9.]+(e-?[0-9]+)? (± [0-9.]+|\\[−?[0-9.]+, −?[0-9.]+\\])";

    @TempDir
    Path sweep;

    private static List<String> written() {
        MatchResult found = TABLE.matcher(Repository.text(Repository.path("docs/objectives.md")))
                .results()
                .findFirst()
                .orElseThrow();
        return found.group(1).lines().toList();
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|"))
                .map(cell -> cell.strip().replace("\\_", "_"))
                .toList();
    }

    @Test
    void the_head_of_the_table_is_that_of_the_command() throws IOException {
        for (double beta : new double[] {0.5, 1}) {
            for (int seed = 1; seed <= 2; seed++) {
                writeRun(beta, seed, 1 / beta + 0.1 * seed);
            }
        }
        String markdown;
        try (Results results = Results.open(sweep)) {
            markdown = TableFormat.MARKDOWN.render(GapsAtKl.table(results, List.of(1.0, 2.0), IntervalKind.CI95));
        }
        List<String> expected = markdown.lines().toList();
        assertThat(written().subList(0, 2).stream().map(ObjectivesPageTest::cells))
                .isEqualTo(expected.subList(0, 2).stream()
                        .map(ObjectivesPageTest::cells)
                        .toList());
        assertThat(cells(expected.get(2))).hasSize(6);
    }

    @Test
    void every_objective_of_the_sweep_has_a_row_of_five_seeds_with_intervals() {
        List<String> types = Pattern.compile("\\{type: (\\w+)")
                .matcher(Repository.text(Repository.path("configs/objectives.yaml")))
                .results()
                .map(type -> type.group(1))
                .filter(type -> !type.equals("cosine"))
                .toList();
        List<List<String>> rows = written().stream()
                .skip(2)
                .filter(line -> line.startsWith("|"))
                .map(ObjectivesPageTest::cells)
                .toList();
        assertThat(rows).hasSameSizeAs(types);
        for (String type : types) {
            assertThat(rows).as(type).anySatisfy(row -> {
                assertThat(row.get(0).split(", ")).contains(type);
                assertThat(row.get(1)).isEqualTo("5");
                assertThat(row.subList(2, 4)).allMatch(cell -> cell.isEmpty() || cell.matches("–|" + NUMBER));
                assertThat(row.get(4)).matches(NUMBER);
                assertThat(row.get(5)).matches("(β|lambda) = [0-9.]+");
            });
        }
    }

    @Test
    void the_page_names_its_date_and_the_number_of_runs() {
        assertThat(written())
                .anyMatch(line -> line.matches("Written \\d{4}-\\d{2}-\\d{2} from the 585 runs of the sweep\\."));
    }

    private void writeRun(double beta, int seed, double kl) throws IOException {
        Path folder = Files.createDirectories(sweep.resolve("runs").resolve(beta + "-" + seed));
        Files.writeString(
                folder.resolve("run.json"),
                String.format(Locale.ROOT, """
                {"format": 1, "id": "%s", "status": "completed",
                 "settings": {"objective.preference.beta": %s, "seed": %d},
                 "result": {"world/reward": %s, "world/kl": %s, "world/gap": %s}}
                """, folder.getFileName(), beta, seed, kl, kl, 0.1 * kl));
    }
}
