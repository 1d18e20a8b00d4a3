package dpo.report.results;

import dpo.harness.config.SettingValue;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Creates the tables and views that {@link Results} documents, each when a query first needs it. */
final class Views {

    /** The views, with the columns that sort their rows. */
    static final Map<String, String> ORDERS = orders();

    /** What lists tables or columns, in DuckDB's SQL. */
    private static final Pattern CATALOG =
            Pattern.compile("\\b(show|information_schema|duckdb_\\w+|pragma_\\w+|pg_\\w+|sqlite_\\w+)\\b");

    private final List<Run> runs;
    private final List<String> settings;
    private final List<String> metrics;
    private final Database database;
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Set<String> created = new LinkedHashSet<>();
    private final Map<String, LineFiles> overFiles = new LinkedHashMap<>();

    Views(List<Run> runs, Database database) {
        this.runs = runs;
        this.database = database;
        Set<String> fixed = Set.of("id", "status", "seconds", "error", "n", "failed");
        settings = Results.namesOf(runs, run -> run.settings().keySet()).stream()
                .filter(Predicate.not(fixed::contains))
                .toList();
        metrics = Results.namesOf(runs, run -> run.result().keySet()).stream()
                .filter(Predicate.not(fixed::contains))
                .filter(Predicate.not(settings::contains))
                .toList();
    }

    private static Map<String, String> orders() {
        Map<String, String> orders = new LinkedHashMap<>();
        orders.put("runs", "id");
        orders.put("summary", "ALL");
        orders.put("metrics", "run, step");
        orders.put("evaluations", "run, step");
        orders.put("pairs", "run, step, pair");
        orders.put("frontier", "run, kl");
        return orders;
    }

    /** Creates the views that a query names, or all if it names none or lists tables. */
    void createFor(String sql) {
        String lower = sql.toLowerCase(Locale.ROOT);
        List<String> named = ORDERS.keySet().stream().filter(lower::contains).toList();
        boolean all = named.isEmpty() || CATALOG.matcher(lower).find();
        (all ? ORDERS.keySet() : named).stream().filter(created::add).forEach(this::create);
    }

    private void create(String view) {
        switch (view) {
            case "runs" -> createRuns();
            case "summary" -> createSummary();
            case "pairs" -> createLines(view, "pair", "step BIGINT, pair BIGINT");
            case "frontier" -> createLines(view, "kl", "beta DOUBLE, reward DOUBLE, kl DOUBLE");
            default -> createLines(view, "step", "step BIGINT");
        }
    }

    /** Some columns and runs of a view over files, as a table in a query; of the view itself all columns are parsed. */
    String part(String view, List<String> columns, Set<String> ids) {
        createFor(view);
        LineFiles lines = overFiles.get(view);
        return lines == null ? view : "(" + lines.select(columns, ids) + ")";
    }

    /**
     * Copies the views over files that a query names to tables, so that the query needs no access to files. This parses
     * all columns of these files; granting access to the files would also let a query write to them.
     */
    void copyNamedIn(String sql) {
        String lower = sql.toLowerCase(Locale.ROOT);
        for (String view : overFiles.keySet()) {
            if (lower.contains(view)) {
                String copy = Sql.name(view + " copy");
                database.execute("CREATE TABLE " + copy + " AS SELECT * FROM " + view);
                database.execute("DROP VIEW " + view);
                database.execute("ALTER TABLE " + copy + " RENAME TO " + view);
            }
        }
    }

    private void createRuns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("id", "VARCHAR");
        columns.put("status", "VARCHAR");
        settings.forEach(setting -> columns.put(setting, typeOf(setting)));
        metrics.forEach(metric -> columns.put(metric, "DOUBLE"));
        columns.put("seconds", "DOUBLE");
        columns.put("error", "VARCHAR");
        database.create("runs", columns, runs.stream().map(this::row).toList());
    }

    private List<@Nullable Object> row(Run run) {
        List<@Nullable Object> row = new ArrayList<>(List.of(run.id(), run.status()));
        settings.forEach(setting -> row.add(value(setting, run.settings().get(setting))));
        metrics.forEach(metric -> row.add(finiteOrNull(run.metric(metric))));
        row.add(finiteOrNull(run.seconds()));
        row.add(run.error().isEmpty() ? null : run.error());
        return row;
    }

    private @Nullable Object value(String setting, @Nullable Object value) {
        return value == null || !typeOf(setting).equals("VARCHAR")
                ? value
                : SettingValue.of(value).text();
    }

    private static @Nullable Double finiteOrNull(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private String typeOf(String setting) {
        return types.computeIfAbsent(setting, this::commonType);
    }

    private String commonType(String setting) {
        List<Class<?>> types = runs.stream()
                .map(Run::settings)
                .filter(values -> values.containsKey(setting))
                .<Class<?>>map(values -> values.get(setting).getClass())
                .distinct()
                .toList();
        if (types.equals(List.of(Long.class))) {
            return "BIGINT";
        }
        if (types.equals(List.of(Boolean.class))) {
            return "BOOLEAN";
        }
        return types.stream().allMatch(Number.class::isAssignableFrom) ? "DOUBLE" : "VARCHAR";
    }

    private void createSummary() {
        List<String> varied =
                settings.stream().filter(Predicate.not(Results.SEED::equals)).toList();
        Map<String, String> columns = new LinkedHashMap<>();
        varied.forEach(setting -> columns.put(setting, typeOf(setting)));
        columns.put("n", "BIGINT");
        columns.put("failed", "BIGINT");
        for (String metric : metrics) {
            List<String> names = new ArrayList<>(Table.withInterval(metric + Table.MEAN, IntervalKind.CI95));
            names.add(metric + Table.SD);
            if (Summary.isOnLogScale(metric)) {
                names.addAll(Table.withInterval(metric + Table.GEOMETRIC_MEAN, IntervalKind.CI95));
            }
            names.forEach(name -> columns.put(name, "DOUBLE"));
        }
        database.create(
                "summary",
                columns,
                Replicates.of(runs, Set.of(Results.SEED)).stream()
                        .map(row -> summary(row, varied))
                        .toList());
    }

    private List<@Nullable Object> summary(Replicates row, List<String> varied) {
        List<@Nullable Object> cells = new ArrayList<>();
        varied.forEach(setting -> cells.add(value(setting, row.settings().get(setting))));
        cells.add((long) row.completed().size());
        cells.add((long) row.failed());
        for (String metric : metrics) {
            double[] values = row.values(metric);
            cells.addAll(Table.cells(IntervalKind.CI95.of(values)));
            Interval sd = IntervalKind.SD.of(values);
            cells.add(finiteOrNull(sd.high() - sd.estimate()));
            if (Summary.isOnLogScale(metric)) {
                cells.addAll(Table.cells(IntervalKind.CI95.onLogScale(values)));
            }
        }
        return cells;
    }

    /**
     * Creates a view over the JSON lines of all undamaged runs.
     *
     * @param empty the columns if there is no line
     */
    private void createLines(String name, String key, String empty) {
        LineFiles lines = new LineFiles(runs, name, key, database);
        if (lines.hasLines()) {
            lines.createView();
            overFiles.put(name, lines);
        } else {
            database.execute("CREATE TABLE " + name + " (run VARCHAR, " + empty + ")");
        }
    }
}
