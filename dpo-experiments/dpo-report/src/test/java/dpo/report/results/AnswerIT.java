package dpo.report.results;

import static dpo.report.results.RunFolderWriter.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SQL queries can read the views of a folder, and do nothing else. */
final class AnswerIT {

    @TempDir
    private Path folder;

    private Path sweep;
    private Path secret;

    @BeforeEach
    void aSweep() throws IOException {
        sweep = Files.createDirectory(folder.resolve("it's a \"sweep\" [1]*"));
        secret = Files.writeString(folder.resolve("secret.txt"), "secret\n");
        for (String id : List.of("a'b", "c\"d;--")) {
            run(sweep, id)
                    .settings(Map.of("it's \"x\"", id))
                    .result(Map.of("eval/loss", 0.5))
                    .line("metrics", Map.of("step", 1, "loss", 0.25))
                    .line("pairs", Map.of("step", 1, "pair", 0, "policy", Map.of("chosen", -1.5)))
                    .write();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY runs TO '%s/out.csv'",
                "COPY (SELECT 1) TO '%s/out.csv'",
                "COPY metrics TO '%m' (USE_TMP_FILE false)",
                "WITH x AS (COPY metrics TO '%m' (USE_TMP_FILE false)) SELECT 1",
                "SELECT * FROM query('WITH x AS (COPY runs TO ''%m'' (USE_TMP_FILE false)) SELECT 1')",
                "EXPLAIN ANALYZE COPY runs TO '%m' (USE_TMP_FILE false)",
                "EXPORT DATABASE '%s/out'",
                "ATTACH '%s/out.db' AS other",
                "ATTACH '%s/out.db'; SELECT 1",
                "INSTALL httpfs",
                "LOAD httpfs",
                "SET threads = 64",
                "PRAGMA threads = 64",
                "SET enable_external_access = true",
                "RESET enable_external_access",
                "CALL enable_logging()",
                "SELECT * FROM enable_logging(storage = 'file', storage_path = '%s/log')",
                "CREATE TABLE x (a INT)",
                "DROP TABLE runs",
                "DELETE FROM runs",
                "INSERT INTO runs (id) VALUES ('x')",
                "WITH x AS (INSERT INTO runs (id) VALUES ('x') RETURNING *) SELECT * FROM x",
                "UPDATE runs SET id = 'x'",
                "CHECKPOINT",
                "VACUUM",
                "USE memory",
                "SELECT * FROM '%f'",
                "SELECT * FROM read_text('%f')",
                "SELECT * FROM read_csv('%f')",
                "SELECT * FROM read_blob('%m')",
                "SELECT * FROM read_ndjson('%m')",
                "SELECT * FROM glob('%s/*')",
                "SELECT * FROM sniff_csv('%f')",
                "SELECT * FROM read_json('https://localhost/x.json')",
                "SELECT * FROM duckdb_extensions()",
                "SELECT * FROM duckdb_secrets()"
            })
    void a_statement_that_writes_or_reads_anything_but_the_views_is_refused_and_changes_no_file(String statement) {
        Map<Path, String> before = content();
        assertThatThrownBy(() -> answer(filled(statement)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("sql must be ");
        assertThat(content()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ";",
                "-- nothing",
                "SELECT 1; SELECT 2",
                "SELECT 1; DROP TABLE runs",
                "SELEC 1",
                "SELECT nothing FROM runs",
                "SELECT \"open",
                "SELECT ?",
                "SELECT $1",
                "\u0000",
                "SELECT 'a\u0000b' || ("
            })
    void zero_several_and_invalid_queries_are_refused(String sql) {
        assertThatThrownBy(() -> answer(sql))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("sql must be ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PIVOT runs ON seed USING count(*)",
                "FROM (pivot runs ON seed USING count(*))",
                "WITH p AS (PIVOT runs ON seed USING count(*)) FROM p",
                "PIVOT_WIDER runs ON seed USING count(*)"
            })
    void a_pivot_without_the_values_of_its_columns_is_refused_with_the_remedy(String sql) {
        assertThatThrownBy(() -> answer(sql))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("sql must list the values of the columns that PIVOT is ON, as in ")
                .hasMessageEndingWith("got " + sql);
    }

    @Test
    void a_pivot_with_the_values_of_its_columns_returns_a_result() {
        assertThat(rows("PIVOT (SELECT 1 AS a, 3 AS b UNION ALL SELECT 2, 4) ON a IN (1, 2) USING sum(b)::INTEGER"))
                .isEqualTo(List.of(List.of(3, 4)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "NOT ", "{'a': ", "(SELECT ", "CASE WHEN true THEN "})
    void a_deeply_nested_expression_of_any_depth_is_refused(String opening) {
        assertThatThrownBy(() -> answer("SELECT " + opening.repeat(3000) + "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("sql must ");
    }

    @Test
    void only_the_depth_of_parentheses_is_limited() {
        assertThat(rows("SELECT " + "(".repeat(90) + "1" + ")".repeat(90) + " + (1)".repeat(90)))
                .containsExactly(List.of(91));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SELECT count(*) FROM t", "SELECT * FROM t", "SELECT count(*) FROM t, range(1000000000000)"})
    void a_query_that_does_not_end_is_cancelled(String query) {
        String sql = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) " + query;
        try (Database database = new Database(Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> database.query(sql))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("sql must be answered within 1 s");
        }
    }

    @Test
    void long_texts_in_a_result_are_refused() {
        assertThatThrownBy(() -> answer("SELECT repeat('x', 1000000) FROM range(101)"))
                .hasMessageContaining("result must have at most 100000000 characters");
    }

    @Test
    void a_result_larger_than_memory_is_refused() {
        assertThatThrownBy(() -> answer("SELECT " + "NULL, ".repeat(99) + "NULL FROM range(50001)"))
                .hasMessageContaining("result must have at most 5000000 cells");
    }

    @Test
    void the_elements_of_lists_count_as_cells() {
        assertThat(rows("SELECT len(range(5000001))")).containsExactly(List.of(5_000_001L));
        assertThatThrownBy(() -> answer("SELECT range(5000001)"))
                .hasMessageContaining("result must have at most 5000000 cells");
        assertThatThrownBy(() -> answer("SELECT [range(2500000), range(2500001)]"))
                .hasMessageContaining("result must have at most 5000000 cells");
    }

    @Test
    void every_view_can_be_queried_if_names_contain_quotes() {
        assertThat(rows("SELECT id, \"it's \"\"x\"\"\" FROM runs ORDER BY id"))
                .containsExactly(List.of("a'b", "a'b"), List.of("c\"d;--", "c\"d;--"));
        assertThat(rows("SELECT run, step, loss FROM METRICS ORDER BY run"))
                .containsExactly(List.of("a'b", 1L, 0.25), List.of("c\"d;--", 1L, 0.25));
        assertThat(rows("WITH p AS (SELECT policy.chosen FROM pairs) SELECT count(*) FROM p"))
                .containsExactly(List.of(2L));
        assertThat(rows("DESCRIBE evaluations")).hasSize(2);
        assertThat(rows("SHOW TABLES")).contains(List.of("runs"), List.of("summary"), List.of("metrics"));
        assertThat(rows("FROM summary")).hasSize(2);
    }

    private Table answer(String sql) {
        try (Results results = Results.open(sweep)) {
            return results.answer(sql);
        }
    }

    private List<List<Object>> rows(String sql) {
        return answer(sql).rows();
    }

    private String filled(String statement) {
        Path metrics = sweep.resolve("runs").resolve("a'b").resolve("metrics.jsonl");
        return statement
                .replace("%m", metrics.toString().replace("'", "''"))
                .replace("%s", sweep.toString().replace("'", "''"))
                .replace("%f", secret.toString());
    }

    private Map<Path, String> content() {
        try (Stream<Path> files = Files.walk(folder)) {
            Map<Path, String> content = new TreeMap<>();
            for (Path file : files.toList()) {
                content.put(file, Files.isDirectory(file) ? "" : Files.readString(file));
            }
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
