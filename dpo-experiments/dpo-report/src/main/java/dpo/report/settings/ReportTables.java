package dpo.report.settings;

import dpo.harness.config.SettingValue;
import dpo.report.comparison.Comparison;
import dpo.report.results.Replicates;
import dpo.report.results.Results;
import dpo.report.results.Summary;
import dpo.report.results.Table;
import dpo.report.results.TableStyle;
import dpo.report.settings.ReportSettings.Best;
import dpo.statistics.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables of a report: columns, names, captions and highlights as its settings say. */
public final class ReportTables {

    private final Results results;
    private final ReportSettings settings;
    private final Summary summary;

    /**
     * Prepares the tables.
     *
     * @param results the chosen rows, in their order
     */
    public ReportTables(Results results, ReportSettings settings) {
        this.results = results;
        this.settings = settings;
        this.summary = results.summary(settings.summary());
    }

    /** The summary, or one row per run if no setting has several seeds. */
    public Table overview() {
        List<String> metrics = settings.shownMetrics(results);
        Table table = results.overview(settings.summary(), metrics);
        boolean isSummary = table.columns().contains("n");
        String caption = joined(
                settings.table().caption(),
                table.caption(),
                hidden(),
                settings.highlight().isEmpty() ? "" : isSummary ? highlightCaption() : "Nothing is highlighted.");
        Set<TableStyle.Cell> bold = isSummary ? bold() : Set.of();
        return named(ordered(table), bold, settings.table().label()).captioned(caption);
    }

    /** The comparison with the baseline, if there is one. */
    public Optional<Table> comparison() {
        if (settings.baseline().isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> baseline = new LinkedHashMap<>();
        settings.baseline().forEach((setting, value) -> baseline.put(setting, value.text()));
        Table table = new Comparison(results, baseline, settings.correction()).table(settings.shownMetrics(results));
        Table labelled = withMetricNames(ordered(table));
        return Optional.of(named(labelled, Set.of(), settings.table().label() + "-comparison"));
    }

    /** The columns of settings that are shown, in their order. */
    private Table ordered(Table table) {
        List<String> swept = results.settings();
        List<String> columns = new ArrayList<>();
        boolean placed = false;
        for (String column : table.columns()) {
            if (!swept.contains(column)) {
                columns.add(column);
            } else if (settings.settings().isEmpty() || column.equals(Results.SEED)) {
                columns.add(column);
            } else if (!placed) {
                settings.settings().stream().filter(table.columns()::contains).forEach(columns::add);
                placed = true;
            }
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (List<@Nullable Object> row : table.rows()) {
            List<@Nullable Object> cells = new ArrayList<>();
            columns.forEach(column -> cells.add(row.get(table.columns().indexOf(column))));
            rows.add(cells);
        }
        Set<String> ofSettings = new LinkedHashSet<>(table.settings());
        ofSettings.retainAll(columns);
        return new Table(columns, rows, ofSettings, table.caption());
    }

    /** Says which settings differ between the rows, but are no column. */
    private String hidden() {
        if (settings.settings().isEmpty()) {
            return "";
        }
        List<String> hidden = results.settings().stream()
                .filter(setting -> !setting.equals(Results.SEED)
                        && !settings.worlds().contains(setting)
                        && !settings.settings().contains(setting))
                .filter(setting -> summary.rows().stream()
                                .map(row -> row.level(setting))
                                .distinct()
                                .count()
                        > 1)
                .map(setting -> settings.names().of(setting).orElse(setting))
                .toList();
        return hidden.isEmpty() ? "" : "Rows differ also in " + String.join(", ", hidden) + ".";
    }

    /** The best mean of each highlighted metric, and every mean whose interval contains it. */
    private Set<TableStyle.Cell> bold() {
        Set<TableStyle.Cell> bold = new LinkedHashSet<>();
        List<Replicates> rows = summary.rows();
        settings.highlight().forEach((metric, which) -> {
            double sign = which == Best.HIGHEST ? 1 : -1;
            double best = sign
                    * rows.stream()
                            .mapToDouble(
                                    row -> sign * summary.interval(row, metric).estimate())
                            .filter(Double::isFinite)
                            .max()
                            .orElse(Double.NaN);
            for (int i = 0; i < rows.size(); i++) {
                Interval interval = summary.interval(rows.get(i), metric);
                if (interval.estimate() == best || interval.contains(best)) {
                    bold.add(new TableStyle.Cell(i, summary.column(metric)));
                }
            }
        });
        return bold;
    }

    private String highlightCaption() {
        List<String> best = settings.highlight().entrySet().stream()
                .map(entry -> (entry.getValue() == Best.HIGHEST ? "highest " : "lowest ")
                        + settings.names().of(entry.getKey()).orElse(entry.getKey()))
                .toList();
        return "Bold: the best mean (" + String.join(", ", best)
                + "), and each mean whose interval contains it; this is no test.";
    }

    /** The table with the names of settings, metrics and values. */
    private Table named(Table table, Set<TableStyle.Cell> bold, String label) {
        List<String> columns = table.columns().stream().map(this::name).toList();
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (List<@Nullable Object> row : table.rows()) {
            List<@Nullable Object> cells = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                cells.add(value(table.columns().get(i), row.get(i)));
            }
            rows.add(cells);
        }
        Set<String> ofSettings = new LinkedHashSet<>();
        table.settings().forEach(setting -> ofSettings.add(name(setting)));
        Set<TableStyle.Cell> named = new LinkedHashSet<>();
        bold.forEach(cell -> named.add(new TableStyle.Cell(cell.row(), name(cell.column()))));
        return new Table(columns, rows, ofSettings, table.caption())
                .styled(new TableStyle(label, settings.table().digits(), named));
    }

    private @Nullable Object value(String column, @Nullable Object value) {
        Map<String, String> labels = settings.names().values().getOrDefault(column, Map.of());
        return value == null
                ? null
                : value instanceof String text
                        ? labels.getOrDefault(text, text)
                        : labels.containsKey(SettingValue.of(value).text())
                                ? labels.get(SettingValue.of(value).text())
                                : value;
    }

    /** The name of a column of a setting, of a metric, or of an estimate of a metric with its interval. */
    private String name(String column) {
        if (settings.names().of(column).isPresent()) {
            return settings.names().of(column).get();
        }
        for (Map.Entry<String, String> label : settings.labels().entrySet()) {
            String mean = label.getKey() + Table.MEAN;
            String geometric = label.getKey() + Table.GEOMETRIC_MEAN;
            String interquartile = label.getKey() + Table.INTERQUARTILE_MEAN;
            if (column.equals(mean) || column.startsWith(mean + " ")) {
                return label.getValue() + column.substring(mean.length());
            } else if (Stream.of(geometric, interquartile)
                    .anyMatch(name -> column.equals(name) || column.startsWith(name + " "))) {
                return label.getValue() + column.substring(label.getKey().length());
            }
        }
        return column;
    }

    /** The first column, which holds names of metrics, with the names of these metrics. */
    private Table withMetricNames(Table table) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (List<@Nullable Object> row : table.rows()) {
            List<@Nullable Object> cells = new ArrayList<>(row);
            String metric = String.valueOf(row.get(0));
            cells.set(0, settings.names().of(metric).orElse(metric));
            rows.add(cells);
        }
        return new Table(table.columns(), rows, table.settings(), table.caption());
    }

    private static String joined(String... sentences) {
        List<String> given = new ArrayList<>(List.of(sentences));
        given.removeIf(String::isEmpty);
        return String.join(" ", given);
    }
}
