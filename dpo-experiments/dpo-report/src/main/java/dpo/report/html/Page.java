package dpo.report.html;

import dpo.harness.config.SettingValue;
import dpo.harness.store.Json;
import dpo.report.figure.Figure;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Table;
import dpo.report.settings.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The HTML page of a report. */
final class Page {

    /** The most runs whose config and results the page holds; of more, it would be too large for a browser. */
    private static final int MOST_DETAILED = 200;

    private final Path folder;
    private final Results results;
    private final List<Run> runs;
    private final Optional<Path> settings;
    private final Labels labels;
    private final Table overview;
    private final Optional<Table> comparison;
    private final List<Figure> figures;
    private final Html html = new Html();

    /**
     * @param results all runs
     * @param settings the file of settings that made tables and figures
     * @param labels its names
     */
    Page(
            Path folder,
            Results results,
            Optional<Path> settings,
            Labels labels,
            Table overview,
            Optional<Table> comparison,
            List<Figure> figures) {
        this.folder = folder;
        this.results = results;
        this.runs = results.runs();
        this.settings = settings;
        this.labels = labels;
        this.overview = overview;
        this.comparison = comparison;
        this.figures = figures;
    }

    String html() {
        writeStatus();
        html.element("h2", "Results").table(overview);
        comparison.ifPresent(
                table -> html.element("h2", "Comparison with the baseline").table(table));
        Explorer.write(results, labels, html);
        writeFigures();
        SampleSection.write(runs, html);
        writeFailures();
        html.element("h2", "Provenance").table(shared("provenance", List.of("of", "field", "value")));
        html.element("h2", "Environment").table(shared("environment", List.of("field", "value")));
        writeRuns();
        return Html.page(title(), html);
    }

    private String title() {
        return runs.stream()
                .map(run -> run.document().path("name").asString(""))
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse(folder.toAbsolutePath().normalize().getFileName().toString());
    }

    private void writeStatus() {
        Map<String, Long> counts =
                new TreeMap<>(runs.stream().collect(Collectors.groupingBy(Run::status, Collectors.counting())));
        String status = counts.entrySet().stream()
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
        String times = runs.stream()
                .map(run -> run.document().path("finished").asString(""))
                .max(String::compareTo)
                .filter(time -> !time.isEmpty())
                .map(time -> " Last finished " + time.replaceFirst("\\.\\d+", "") + ".")
                .orElse("");
        html.element("h1", title());
        html.markup("<p>")
                .value(runs.size() + (runs.size() == 1 ? " run: " : " runs: ") + status + ".")
                .markup(" <span class=\"muted\">")
                .value(times
                        + settings.map(file -> " Tables and figures as in " + file.getFileName() + ".")
                                .orElse(""))
                .markup("</span></p>\n");
    }

    private void writeFigures() {
        if (figures.isEmpty()) {
            return;
        }
        html.element("h2", "Figures");
        figures.forEach(html::figure);
    }

    private void writeFailures() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Run run : runs) {
            if (!run.error().isEmpty()) {
                rows.add(List.of(run.id(), settings(run), run.error()));
            }
        }
        if (!rows.isEmpty()) {
            html.element("h2", "Failed and damaged runs").table(new Table(List.of("run", "settings", "error"), rows));
        }
    }

    private static String settings(Run run) {
        return run.settings().entrySet().stream()
                .map(setting -> setting.getKey() + " = "
                        + SettingValue.of(setting.getValue()).text())
                .collect(Collectors.joining(", "));
    }

    /** The distinct leaves of a part of every run.json, with the number of runs if they differ. */
    private Table shared(String part, List<String> columns) {
        Map<List<String>, Long> leaves = new LinkedHashMap<>();
        for (Run run : runs) {
            collect(
                    run.document().path(part),
                    columns.size() - 1,
                    List.of(),
                    path -> leaves.merge(path, 1L, Long::sum));
        }
        boolean everywhere = leaves.values().stream().allMatch(count -> count == runs.size());
        List<String> header = new ArrayList<>(columns);
        if (!everywhere) {
            header.add("runs");
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        leaves.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Page::compare))
                .forEach(leaf -> {
                    List<@Nullable Object> row = new ArrayList<>(leaf.getKey());
                    if (!everywhere) {
                        row.add(leaf.getValue());
                    }
                    rows.add(row);
                });
        return new Table(header, rows);
    }

    private static int compare(List<String> left, List<String> right) {
        return String.join("\0", left).compareTo(String.join("\0", right));
    }

    /** The leaves below {@code node}, each as {@code depth} names and its value; deeper names are joined by dots. */
    private static void collect(JsonNode node, int depth, List<String> names, Consumer<List<String>> into) {
        if (node.isObject()) {
            node.properties().forEach(child -> {
                List<String> below = new ArrayList<>(names);
                if (names.size() < depth) {
                    below.add(child.getKey());
                } else {
                    below.set(depth - 1, below.get(depth - 1) + "." + child.getKey());
                }
                collect(child.getValue(), depth, below, into);
            });
        } else if (!node.isMissingNode()) {
            List<String> leaf = new ArrayList<>(names);
            while (leaf.size() < depth) {
                leaf.add("");
            }
            leaf.add(node.isString() ? node.stringValue() : node.toString());
            into.accept(leaf);
        }
    }

    private void writeRuns() {
        html.element("h2", "Runs");
        if (runs.size() > MOST_DETAILED) {
            html.element(
                    "p",
                    "Config and results of each run: runs/RUN/config.yaml and runs/RUN/run.json; results.csv has"
                            + " all results.");
            html.table(new Table(
                    List.of("run", "status", "seconds"),
                    runs.stream()
                            .map(run -> Arrays.<@Nullable Object>asList(
                                    run.id(), run.status(), Double.isNaN(run.seconds()) ? null : run.seconds()))
                            .toList()));
            return;
        }
        for (Run run : runs) {
            boolean bad = run.status().equals("failed") || run.status().equals(Run.DAMAGED);
            html.markup("<details>\n<summary><code>")
                    .value(run.id())
                    .markup("</code> ")
                    .markup(bad ? "<span class=\"bad\">" : "<span class=\"muted\">")
                    .value(run.status())
                    .markup("</span></summary>\n");
            writeDetails(run);
            html.markup("</details>\n");
        }
    }

    private void writeDetails(Run run) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        run.settings()
                .forEach((setting, value) ->
                        rows.add(List.of(setting, SettingValue.of(value).text())));
        run.document()
                .path("identity")
                .properties()
                .forEach(hash -> rows.add(
                        List.of(hash.getKey() + " SHA-256", hash.getValue().asString(""))));
        for (String field : List.of("started", "finished", "seconds")) {
            if (run.document().has(field)) {
                rows.add(List.of(field, run.document().path(field).asString("")));
            }
        }
        run.result().forEach((metric, value) -> rows.add(List.of(metric, Json.number(value))));
        html.table(new Table(List.of("field", "value"), rows));
        Path config = run.folder().resolve("config.yaml");
        try {
            html.element(
                    "pre",
                    Files.exists(config)
                            ? new String(Files.readAllBytes(config), StandardCharsets.UTF_8)
                            : "(no config.yaml)");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
