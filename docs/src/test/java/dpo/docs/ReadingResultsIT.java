package dpo.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dpo.cli.DpoCommand;
import dpo.report.results.Results;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics and columns of docs/reading-results.md are those of a sweep, and its queries run. */
class ReadingResultsIT {

    private static final Page PAGE = Repository.page("docs/reading-results.md");
    private static final Pattern QUERY = Pattern.compile("--sql '([^']+)'");

    @TempDir
    static Path folder;

    private static Path sweep;

    @BeforeAll
    static void runASweep() throws IOException {
        Path config = Files.writeString(folder.resolve("sweep.yaml"), """
                name: small
                backend: tabular
                model: {vocabulary: 5, length: 4, prompts: 2}
                data: {train: {format: world, pairs: 16}, evaluation: {format: world, pairs: 16}}
                objective: {preference: {type: sigmoid}}
                optimizer: {learning_rate: 0.05}
                training: {batch_size: 4, evaluate_every: 2}
                sweep:
                  objective.preference.type: [sigmoid]
                  objective.preference.beta: [0.1, 0.5]
                  seed: [1, 2]
                """);
        sweep = folder.resolve("runs");
        int code = DpoCommand.commandLine().execute("sweep", config.toString(), "--out", sweep.toString());
        assertThat(code).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs", "summary", "metrics", "evaluations", "pairs", "frontier"})
    void every_column_of_a_view_is_described_and_every_described_column_exists(String view) {
        Set<String> columns = columns(view);
        Set<String> described = firstCells("### `" + view + "`");
        List<String> fixed =
                described.stream().filter(name -> !name.matches(".*[A-Z]{3}.*")).toList();
        assertThat(fixed).isNotEmpty();
        // Only data with named evaluation sets have this column.
        assertThat(columns)
                .containsAll(fixed.stream().filter(name -> !name.equals("set")).toList());
        assertThat(columns.stream()
                        .map(column -> column.replaceFirst(" (mean|geomean|sd)( ci95 (low|high))?$", ""))
                        .filter(column -> !fixed.contains(column) && !column.matches("objective\\..*|seed"))
                        .filter(column -> !isMetric(column)))
                .as("columns of " + view + " that the page does not describe")
                .isEmpty();
    }

    @Test
    void every_metric_of_the_page_is_a_column_of_the_results() {
        Set<String> columns = Stream.of("runs", "metrics")
                .flatMap(view -> columns(view).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(metrics().stream().filter(name -> !name.matches(".*[A-Z]+.*")))
                .hasSizeGreaterThan(25)
                .allSatisfy(name -> assertThat(columns).contains(name));
    }

    @Test
    void the_queries_of_the_page_run() {
        List<String> queries = PAGE.blocks("sh")
                .flatMap(block -> QUERY.matcher(block.content()).results())
                .map(query -> query.group(1))
                .toList();
        assertThat(queries).hasSizeGreaterThan(2).allSatisfy(query -> {
            try (Results results = Results.open(sweep)) {
                assertThat(results.answer(query).columns()).isNotEmpty();
            }
        });
    }

    @Test
    void the_figures_of_the_page_are_drawn() throws IOException {
        List<String> names = firstCells("## The report").stream()
                .map(name -> name.replace("…", ""))
                .toList();
        try (Stream<Path> files = Files.list(sweep.resolve("figures"))) {
            List<String> drawn =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names).hasSize(4).allSatisfy(name -> assertThat(drawn).anyMatch(file -> file.startsWith(name)));
        }
    }

    /** Runs if the system property {@code dpo.python} names a Python with pandas and pyarrow. */
    @Test
    void the_example_in_pandas_prints_the_accuracies_of_the_results() throws Exception {
        String python = System.getProperty("dpo.python", "");
        assumeThat(python)
                .as("system property dpo.python: a Python with pandas and pyarrow")
                .isNotEmpty();
        assumeThat(run(python, "-c", "import pandas, pyarrow").waitFor())
                .as("the Python of dpo.python has pandas and pyarrow")
                .isZero();
        requireAccuracies("parquet", "python", python, "-c");
    }

    @Test
    void the_example_in_r_prints_the_accuracies_of_the_results() throws Exception {
        assumeThat(Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "Rscript"))))
                .as("Rscript on the PATH")
                .isTrue();
        requireAccuracies("csv", "r", "Rscript", "-e");
    }

    /** Each row of the printed table ends with the recomputed and the recorded accuracy of a run. */
    private static void requireAccuracies(String format, String language, String... interpreter) throws Exception {
        String out = folder.resolve("exported").toString();
        assertThat(DpoCommand.commandLine().execute("export", format, sweep.toString(), "--out", out))
                .isZero();
        String example = PAGE.blocks(language).findFirst().orElseThrow().content();
        Process process = run(interpreter[0], interpreter[1], example);
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed.lines().filter(line -> line.contains("seed=")))
                .hasSize(4)
                .allSatisfy(line -> {
                    String[] words = line.strip().split("\\s+");
                    assertThat(Double.parseDouble(words[words.length - 2]))
                            .isCloseTo(Double.parseDouble(words[words.length - 1]), within(1e-4));
                });
    }

    private static Process run(String... command) throws IOException {
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static Set<String> columns(String view) {
        try (Results results = Results.open(sweep)) {
            return new TreeSet<>(
                    results.query("SELECT * FROM " + view + " LIMIT 0").columns());
        }
    }

    private static Set<String> metrics() {
        return firstCells("## Metrics");
    }

    /** Whether the page lists a metric, with or without the prefix {@code eval/}; words in capitals match any word. */
    private static boolean isMetric(String column) {
        String name = column.replaceFirst("^eval/", "");
        return metrics().stream().anyMatch(metric -> name.matches(metric.replaceAll("[A-Z]+", ".+")));
    }

    /** The first code span of each row of the tables between a heading and the next one. */
    private static Set<String> firstCells(String heading) {
        Matcher section = Pattern.compile("(?ms)^" + Pattern.quote(heading) + "[^\n]*\n(.*?)(?=^##|\\z)")
                .matcher(PAGE.text());
        assertThat(section.find()).as(heading).isTrue();
        return new Page(PAGE.path(), section.group(1))
                .tableCodeSpans().stream()
                        .filter(row -> !row.isEmpty())
                        .map(row -> row.get(0))
                        .collect(Collectors.toCollection(TreeSet::new));
    }
}
