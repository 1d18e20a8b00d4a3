package dpo.report.diff;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.reproduce.InputDifference;
import dpo.harness.store.RunFolder;
import dpo.report.results.Table;
import dpo.report.results.TableFormat;
import dpo.statistics.Correction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two runs or two sweeps, A and B: inputs and environment, and all metrics side by side.
 *
 * @param inputs settings, files, data, model, code and environment that differ
 * @param metrics the metrics of both, with tests
 * @param notes sentences about what is compared and how
 */
public record Diff(List<InputDifference> inputs, List<MetricDifference> metrics, List<String> notes) {

    /**
     * Compares two folders.
     *
     * @param metrics names of metrics; empty: all of two runs, the main ones of two sweeps
     * @throws InvalidInputException if they are not two completed runs, or two sweeps, or a metric is unknown
     */
    public static Diff between(Path a, Path b, List<String> metrics, Backends backends) {
        boolean isRun = isRun(a);
        if (isRun != isRun(b)) {
            throw new InvalidInputException("A and B must be two runs or two sweeps, got a "
                    + (isRun ? "run and a sweep" : "sweep and a run") + " (" + a + ", " + b + ")");
        }
        return isRun
                ? RunsDiff.of(new RunFolder(a), new RunFolder(b), metrics, backends)
                : SweepsDiff.of(a, b, metrics);
    }

    private static boolean isRun(Path folder) {
        boolean isRun = new RunFolder(folder).holdsRun();
        if (!isRun && !Files.isDirectory(folder.resolve("runs"))) {
            throw new InvalidInputException(
                    "folder must be a sweep's (with runs/) or a run's (with run.json), got " + folder);
        }
        return isRun;
    }

    /** Whether anything but times differs. */
    public boolean differs() {
        return !inputs.isEmpty() || metrics.stream().anyMatch(MetricDifference::differs);
    }

    /** The text in a format: for people two tables and the notes, for programs one table. */
    public String render(TableFormat format) {
        if (format == TableFormat.CSV || format == TableFormat.JSON) {
            return format.render(all());
        }
        StringBuilder text = new StringBuilder();
        text.append(
                inputs.isEmpty() ? "equal settings, data, model, code and environment\n" : format.render(inputTable()));
        text.append('\n').append(metrics.isEmpty() ? "no metrics in common\n" : format.render(metricTable()));
        return text.toString();
    }

    private Table inputTable() {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        inputs.forEach(input -> rows.add(Arrays.asList(input.part(), input.name(), input.recorded(), input.again())));
        return new Table(List.of("differs in", "name", "A", "B"), rows);
    }

    private Table metricTable() {
        Map<String, List<@Nullable Object>> columns = columns();
        columns.values().removeIf(column -> column.stream().allMatch(cell -> cell == null || cell.equals("")));
        return table(columns);
    }

    private static Table table(Map<String, List<@Nullable Object>> columns) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        int size = columns.values().stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < size; i++) {
            List<@Nullable Object> row = new ArrayList<>();
            for (List<@Nullable Object> column : columns.values()) {
                row.add(column.get(i));
            }
            rows.add(row);
        }
        return new Table(List.copyOf(columns.keySet()), rows);
    }

    /** One row per input and per metric; a metric's part is "metric". */
    private Table all() {
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        columns.put("part", new ArrayList<>());
        columns.putAll(columns());
        metrics.forEach(metric -> column(columns, "part").add("metric"));
        for (int i = inputs.size() - 1; i >= 0; i--) {
            InputDifference input = inputs.get(i);
            for (Map.Entry<String, List<@Nullable Object>> column : columns.entrySet()) {
                column.getValue()
                        .add(
                                0,
                                switch (column.getKey()) {
                                    case "part" -> input.part();
                                    case "metric" -> input.name();
                                    case "A" -> input.recorded();
                                    case "B" -> input.again();
                                    default -> null;
                                });
            }
        }
        return table(columns);
    }

    private static List<@Nullable Object> column(Map<String, List<@Nullable Object>> columns, String name) {
        return columns.computeIfAbsent(name, unseen -> new ArrayList<>());
    }

    private Map<String, List<@Nullable Object>> columns() {
        Map<String, List<@Nullable Object>> columns = new LinkedHashMap<>();
        double[] holm = holm();
        for (int i = 0; i < metrics.size(); i++) {
            MetricDifference metric = metrics.get(i);
            column(columns, "cell").add(metric.cell());
            column(columns, "metric").add(metric.metric());
            column(columns, "A").add(number(metric.a()));
            column(columns, "A 95 %").add(orNull(metric.ofA()));
            column(columns, "B").add(number(metric.b()));
            column(columns, "B 95 %").add(orNull(metric.ofB()));
            column(columns, "effect").add(metric.effect());
            column(columns, "estimate").add(number(metric.estimate().estimate()));
            column(columns, "low").add(number(metric.estimate().low()));
            column(columns, "high").add(number(metric.estimate().high()));
            column(columns, "p").add(number(metric.p()));
            column(columns, "p Holm").add(metric.cell().isEmpty() ? null : number(holm[i]));
            column(columns, "n")
                    .add(metric.estimate().n() == 0 ? null : metric.estimate().n());
            column(columns, "test").add(orNull(metric.test()));
        }
        return columns;
    }

    /** The p-values of each metric, corrected for the number of its cells. */
    private double[] holm() {
        double[] adjusted = new double[metrics.size()];
        metrics.stream().map(MetricDifference::metric).distinct().forEach(name -> {
            int[] rows = IntStream.range(0, metrics.size())
                    .filter(i -> metrics.get(i).metric().equals(name))
                    .toArray();
            double[] ofName = Correction.HOLM.adjust(
                    Arrays.stream(rows).mapToDouble(i -> metrics.get(i).p()).toArray());
            for (int k = 0; k < rows.length; k++) {
                adjusted[rows[k]] = ofName[k];
            }
        });
        return adjusted;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
