package dpo.report.results;

import static dpo.report.results.RunFolderWriter.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ViewsTest {

    @TempDir
    private Path sweep;

    private List<List<Object>> rows(Results results, String sql) {
        return results.query(sql).rows();
    }

    @Test
    void every_view_is_listed_whichever_were_queried_before() {
        run(sweep, "a").line("metrics", Map.of("step", 1, "loss", 0.5)).write();

        try (Results results = Results.open(sweep)) {
            assertThat(rows(results, "SELECT id FROM runs")).containsExactly(List.of("a"));
            assertThat(rows(results, "SHOW TABLES"))
                    .extracting(row -> row.get(0))
                    .containsAll(Results.views());
            assertThat(rows(
                            results,
                            "SELECT count(*) FROM duckdb_columns() WHERE table_name <> 'runs'"
                                    + " AND column_name = 'loss'"))
                    .containsExactly(List.of(1L));
        }
    }

    @Test
    void a_part_of_a_view_has_the_rows_of_the_view() {
        for (String id : List.of("a", "b'\"", "c")) {
            run(sweep, id)
                    .line("metrics", "{\"step\":1,\"loss\":1,\"kl \\\"x\\\"\":null,\"note\":\"2026-01-01\"}\n")
                    .line("metrics", "{\"step\":2,\"loss\":0.1,\"kl \\\"x\\\"\":3}\n")
                    .line("metrics", "{\"st")
                    .write();
        }
        List<String> columns = List.of("note", "kl \"x\"", "loss");
        try (Results results = Results.open(sweep)) {
            for (Set<String> ids : List.of(Set.of("a", "b'\"", "c"), Set.of("b'\""), Set.<String>of())) {
                List<List<Object>> all = new ArrayList<>(
                        rows(results, "SELECT run, note, \"kl \"\"x\"\"\", loss FROM metrics ORDER BY run, step"));
                all.removeIf(row -> !ids.contains(row.get(0)));

                assertThat(rows(
                                results,
                                "SELECT run, note, \"kl \"\"x\"\"\", loss FROM " + results.part("metrics", columns, ids)
                                        + " ORDER BY run, loss DESC"))
                        .isEqualTo(all);
            }
            assertThat(rows(results, "SELECT run FROM " + results.part("pairs", List.of("step"), Set.of("a"))))
                    .isEmpty();
        }
    }

    @Test
    void cells_of_every_type_keep_their_values() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("whole", Long.MAX_VALUE);
        settings.put("number", 0.1);
        settings.put("mixed", 3);
        settings.put("flag", true);
        settings.put("text", "it's ö");
        run(sweep, "a")
                .settings(settings)
                .result(Map.of("eval/loss", Math.nextUp(0.1)))
                .write();
        run(sweep, "b")
                .settings(Map.of("number", Double.MIN_VALUE, "mixed", 2.5))
                .write();

        try (Results results = Results.open(sweep)) {
            assertThat(rows(results, "SELECT whole, number, mixed, flag, text, \"eval/loss\" FROM runs ORDER BY id"))
                    .containsExactly(
                            List.of(Long.MAX_VALUE, 0.1, 3.0, true, "it's ö", Math.nextUp(0.1)),
                            Arrays.asList(null, Double.MIN_VALUE, 2.5, null, null, null));
        }
    }
}
