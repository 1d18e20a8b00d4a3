package dpo.report.results;

import static dpo.report.results.RunFolderWriter.run;
import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.fuzz.Campaign;
import dpo.data.fuzz.Mutator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueryFuzzTest {

    private static final List<byte[]> QUERIES = Stream.of(
                    "SELECT id, \"eval/loss\" FROM runs WHERE status = 'completed' ORDER BY 2 LIMIT 3",
                    "WITH x AS (SELECT run, avg(loss) AS a FROM metrics GROUP BY ALL) SELECT * FROM x JOIN runs ON x.run = id",
                    "SELECT list_transform([1, 2], y -> y + 1), {'a': 1}, CASE WHEN true THEN 'x' ELSE NULL END, 1e3::DECIMAL",
                    "DESCRIBE runs",
                    "COPY runs TO 'out.csv'",
                    "FROM read_text('/etc/hostname')",
                    "SELECT ROW_NUMBER() OVER (PARTITION BY id) FROM summary, runs UNION ALL VALUES (1)")
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toList();

    @TempDir
    private Path sweep;

    @Test
    void a_query_has_a_result_or_is_refused() {
        run(sweep, "a")
                .result(Map.of("eval/loss", 0.5))
                .line("metrics", Map.of("step", 1, "loss", 0.25))
                .write();
        try (Database database = new Database(Duration.ofMinutes(1))) {
            Views views = new Views(RunFolders.read(sweep), database);
            views.createFor("");
            views.copyNamedIn("metrics");
            database.seal();
            new Campaign(6, QUERIES).run(150, Mutator::bytes, input -> {
                String sql = new String(input, StandardCharsets.UTF_8);
                try {
                    database.requireOneQuery(sql);
                    assertThat(database.query(sql).columns()).isNotEmpty();
                } catch (IllegalArgumentException refused) {
                    assertThat(refused).hasMessageContaining(" must ");
                }
            });
        }
    }
}
