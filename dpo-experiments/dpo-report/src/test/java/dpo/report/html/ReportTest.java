package dpo.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.report.results.Results;
import dpo.report.results.RunFolderWriter;
import dpo.report.results.TableFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {

    private static final String HOSTILE = "<script>alert(\"x\")</script>&'";

    @TempDir
    private Path sweep;

    @Test
    void the_page_shows_status_results_failures_provenance_environment_and_configs() throws IOException {
        writeSweep();

        String html = Files.readString(Report.write(sweep));

        assertThat(html)
                .contains(
                        "<h1>beta-sweep</h1>",
                        "4 runs: 2 completed, 1 failed, 1 running.",
                        "0.55 ± 0.64",
                        "<h2>Failed and damaged runs</h2>",
                        "loss must be finite",
                        "<td>train</td><td>sha256</td><td>abc123</td>",
                        "<td>java</td><td>17</td>",
                        "<svg role=\"img\"",
                        "config SHA-256",
                        "beta: 0.1 # &lt;ok&gt;");
    }

    @Test
    void every_value_is_escaped() throws IOException {
        writeSweep();

        String html = Files.readString(Report.write(sweep));

        assertThat(html).doesNotContain("<script>alert").contains("&lt;script&gt;alert(&quot;x&quot;)");
    }

    @Test
    void samples_of_policy_and_reference_are_in_adjacent_columns_latest_first_and_escaped() throws IOException {
        RunFolderWriter.run(sweep, "spoken")
                .line("samples", sample(0, "Once.", "Once."))
                .line("samples", sample(20, HOSTILE + "\n  twice", "Once."))
                .line(
                        "samples",
                        Map.of(
                                "step",
                                20,
                                "pair",
                                "row-2",
                                "prompt_ids",
                                List.of(7),
                                "policy_ids",
                                List.of(1, 2),
                                "reference_ids",
                                List.of(3)))
                .write();
        RunFolderWriter.run(sweep, "silent").write();

        String html = Files.readString(Report.write(sweep));

        assertThat(html)
                .contains(
                        "<h2>Samples</h2>",
                        "<code>spoken</code> <span class=\"muted\">2 prompts</span>",
                        "<h3>row-1</h3>\n<pre>Say &lt;it&gt;</pre>",
                        "<td class=\"number\">20</td><td>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;\n"
                                + "  twice</td><td>Once.</td>",
                        "<pre>7</pre>",
                        "<td>1 2</td><td>3</td>")
                .doesNotContain("0 prompts");
        assertThat(html.indexOf("<td class=\"number\">20</td>")).isLessThan(html.indexOf("earlier steps"));
        assertThat(html.indexOf("<td class=\"number\">0</td>")).isGreaterThan(html.indexOf("earlier steps"));
    }

    private static Map<String, Object> sample(int step, String policy, String reference) {
        Map<String, Object> line = new LinkedHashMap<>(
                Map.of("step", step, "pair", "row-1", "prompt", "Say <it>", "policy", policy, "reference", reference));
        List.of("prompt_ids", "policy_ids", "reference_ids").forEach(ids -> line.put(ids, List.of(1)));
        return line;
    }

    @Test
    void the_page_loads_nothing() throws IOException {
        writeSweep();

        String html = Files.readString(Report.write(sweep));

        assertThat(Pattern.compile("(?i)\\b(src|href)\\s*=|@import|url\\((?!#)|<link")
                        .matcher(html)
                        .results()
                        .map(match -> html.substring(match.start(), match.start() + 40)))
                .isEmpty();
        assertThat(Pattern.compile(" id=\"([^\"]+)\"").matcher(html).results().map(match -> match.group(1)))
                .isNotEmpty()
                .doesNotHaveDuplicates();
    }

    @Test
    void figures_and_numbers_are_also_files_and_no_temporary_file_remains() throws IOException {
        writeSweep();

        Report.write(sweep);
        Report.write(sweep);

        assertThat(names(sweep.resolve("figures")))
                .contains("training-loss.svg", "training-loss.png", "training-loss.pdf")
                .noneMatch(name -> name.endsWith(".tmp"));
        assertThat(names(sweep)).contains("report.html", "results.csv").noneMatch(name -> name.endsWith(".tmp"));
        assertThat(Files.readString(sweep.resolve("tables/results.tex"))).contains("\\begin{table}", "\\caption{Means");
        assertThat(Files.readString(sweep.resolve("results.csv")))
                .startsWith("id,status,")
                .hasLineCount(5);
    }

    @Test
    void the_table_as_csv_has_the_means_and_intervals_of_the_results() throws IOException {
        writeSweep();

        Report.write(sweep);

        try (Results results = Results.open(sweep)) {
            assertThat(Files.readString(sweep.resolve("tables/results.csv")))
                    .isEqualTo(TableFormat.CSV.render(results.overview()))
                    .contains("eval/loss mean,eval/loss mean ci95 low,eval/loss mean ci95 high");
        }
    }

    @Test
    void a_file_report_yaml_in_the_folder_is_used_and_named() throws IOException {
        writeSweep();
        Files.writeString(sweep.resolve("report.yaml"), """
                labels: {eval/loss: the loss}
                figures: {formats: [pdf]}
                """);

        String html = Files.readString(Report.write(sweep));

        assertThat(html)
                .contains(
                        "Tables and figures as in report.yaml.", "the loss <span class=\"interval\">± 95 % CI</span>");
        assertThat(names(sweep.resolve("figures")))
                .contains("training-loss.pdf")
                .doesNotContain("training-loss.png");
    }

    @Test
    void the_page_of_more_than_200_runs_has_one_table_of_them() throws IOException {
        for (int seed = 1; seed <= 201; seed++) {
            run("r" + seed, seed).result(Map.of("eval/loss", 0.5)).write();
        }

        assertThat(Files.readString(Report.write(sweep)))
                .contains("<td>r201</td>")
                .doesNotContain("<details>");
    }

    @Test
    void one_run_has_a_report_of_its_own_and_a_sweep_without_runs_too() throws IOException {
        Path run = RunFolderWriter.run(sweep, "only")
                .result(Map.of("eval/loss", 0.5))
                .write();
        assertThat(Files.readString(Report.write(run))).contains("1 run: 1 completed", "0.5");

        Path empty = sweep.resolve("empty");
        Files.createDirectories(empty.resolve("runs"));
        assertThat(Files.readString(Report.write(empty))).contains("<h1>empty</h1>", "0 runs");
    }

    @Test
    void a_folder_of_neither_kind_is_refused_and_unchanged() throws IOException {
        assertThatThrownBy(() -> Report.write(sweep)).isInstanceOf(IllegalArgumentException.class);
        assertThat(names(sweep)).isEmpty();
    }

    private void writeSweep() throws IOException {
        for (int seed = 1; seed <= 2; seed++) {
            Path folder = run("r" + seed, seed)
                    .result(Map.of("eval/loss", 0.4 + 0.1 * seed))
                    .line("metrics", "{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":0.5}\n{\"st")
                    .write();
            Files.writeString(folder.resolve("config.yaml"), "beta: 0.1 # <ok>\n" + HOSTILE);
        }
        run(HOSTILE.replace('/', '-'), 3)
                .with("status", "failed")
                .with("error", "loss must be finite, got NaN " + HOSTILE)
                .write();
        run("r4", 4).with("status", "running").write();
    }

    private RunFolderWriter run(String id, int seed) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("objective.preference.beta", 0.1);
        settings.put("data.path", HOSTILE);
        settings.put("seed", seed);
        return RunFolderWriter.run(sweep, id)
                .settings(settings)
                .with("name", "beta-sweep")
                .with("identity", Map.of("config", "c0ffee"))
                .with("provenance", Map.of("train", Map.of("sha256", "abc123", "path", HOSTILE)))
                .with("environment", Map.of("java", "17", HOSTILE, HOSTILE));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
