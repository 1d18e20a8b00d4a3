package dpo.report.results;

import dpo.harness.config.SettingValue;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Creates the tables and views that {@link Results} documents. */
final class Views {

    /** Types that DuckDB infers from the form of a string; these columns stay strings. */
    private static final Set<String> GUESSED = Set.of("DATE", "TIME", "TIMESTAMP", "UUID", "JSON");

    private static final Set<String> NUMBERS = Set.of("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE");

    /** DuckDB's name for the type of a column without values. */
    private static final String UNKNOWN = "\"NULL\"";

    private static final int DESCRIBED_AT_ONCE = 32;

    /** The views, with the columns that sort their rows. */
    static final Map<String, String> ORDERS = orders();

    /** The views over files, in their order. */
    private static final Map<String, Lines> LINES = lines();

    private final List<Run> runs;
    private final List<String> settings;
    private final List<String> metrics;
    private final Database database;
    private final Map<String, String> types = new LinkedHashMap<>();
    private final List<String> overFiles = new ArrayList<>();
    private final Set<String> created = new LinkedHashSet<>();

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

    /**
     * The lines of a file.
     *
     * @param key a column that every complete line has; DuckDB reads an incomplete line as a row of nulls
     * @param empty the columns if there is no line
     */
    private record Lines(String key, String empty) {}

    private static Map<String, Lines> lines() {
        Map<String, Lines> lines = new LinkedHashMap<>();
        lines.put("metrics", new Lines("step", "step BIGINT"));
        lines.put("evaluations", new Lines("step", "step BIGINT"));
        lines.put("pairs", new Lines("pair", "step BIGINT, pair BIGINT"));
        lines.put("frontier", new Lines("kl", "beta DOUBLE, reward DOUBLE, kl DOUBLE"));
        return lines;
    }

    /** Creates the tables that need no file but {@code run.json}. */
    void create() {
        createRuns();
        createSummary();
    }

    /** Creates all views over files. */
    void createAll() {
        createNamedIn(LINES.keySet().toString());
    }

    /** Creates the views over files that a query names, because every line of their files is read for the columns. */
    void createNamedIn(String sql) {
        String lower = sql.toLowerCase(Locale.ROOT);
        LINES.forEach((view, lines) -> {
            if (lower.contains(view) && created.add(view)) {
                createLines(view, lines);
            }
        });
    }

    /**
     * Copies the views over files that a query names to tables, so that the query needs no access to files. This parses
     * all columns of these files; granting access to the files would also let a query write to them.
     */
    void copyNamedIn(String sql) {
        String lower = sql.toLowerCase(Locale.ROOT);
        for (String view : overFiles) {
            if (lower.contains(view)) {
                String copy = Sql.name(view + " copy");
                database.execute("CREATE TABLE " + copy + " AS SELECT * FROM " + view);
                database.execute("DROP VIEW " + view);
                database.execute("ALTER TABLE " + copy + " RENAME TO " + view);
            }
        }
    }

    private void createRuns() {
        List<String> columns = new ArrayList<>(List.of("id VARCHAR", "status VARCHAR"));
        settings.forEach(setting -> columns.add(Sql.name(setting) + " " + typeOf(setting)));
        metrics.forEach(metric -> columns.add(Sql.name(metric) + " DOUBLE"));
        columns.addAll(List.of("seconds DOUBLE", "error VARCHAR"));
        database.execute("CREATE TABLE runs (" + String.join(", ", columns) + ")");
        database.insert("runs", runs.stream().map(this::row).toList());
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
        List<String> columns = new ArrayList<>();
        varied.forEach(setting -> columns.add(Sql.name(setting) + " " + typeOf(setting)));
        columns.addAll(List.of("n BIGINT", "failed BIGINT"));
        for (String metric : metrics) {
            List<String> names = new ArrayList<>(Table.withInterval(metric + Table.MEAN, IntervalKind.CI95));
            names.add(metric + Table.SD);
            if (Summary.isOnLogScale(metric)) {
                names.addAll(Table.withInterval(metric + Table.GEOMETRIC_MEAN, IntervalKind.CI95));
            }
            names.forEach(name -> columns.add(Sql.name(name) + " DOUBLE"));
        }
        database.execute("CREATE TABLE summary (" + String.join(", ", columns) + ")");
        database.insert(
                "summary",
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
     * Creates a view over the JSON lines of all undamaged runs. The columns are inferred from every line of every file,
     * because inference from the first lines would turn later values of another type into nulls.
     *
     */
    private void createLines(String name, Lines lines) {
        Map<String, String> files = new LinkedHashMap<>();
        runs.stream()
                .filter(run -> !run.status().equals(Run.DAMAGED)
                        && hasContent(run.folder().resolve(name + ".jsonl")))
                .forEach(run -> files.put(path(run.folder().resolve(name + ".jsonl")), run.id()));
        String columns = files.isEmpty() ? "" : columns(files.keySet());
        if (!columns.contains(Sql.literal(lines.key) + ":")) {
            database.execute("CREATE TABLE " + name + " (run VARCHAR, " + lines.empty + ")");
            return;
        }
        String ids = Sql.name(name + " files");
        database.execute("CREATE TABLE " + ids + " (path VARCHAR, run VARCHAR)");
        database.insert(
                ids,
                files.entrySet().stream()
                        .<List<@Nullable Object>>map(file -> List.of(file.getKey(), file.getValue()))
                        .toList());
        database.execute("CREATE VIEW " + name + " AS SELECT files.run, lines.* EXCLUDE (filename) FROM "
                + read(files.keySet(), "columns={" + columns + "}") + " AS lines JOIN " + ids
                + " AS files ON lines.filename = files.path WHERE lines." + lines.key + " IS NOT NULL");
        overFiles.add(name);
    }

    /** Columns and types over all files, described in groups, since a description holds a buffer per file. */
    private String columns(Set<String> files) {
        Map<String, String> types = new LinkedHashMap<>();
        List<String> all = List.copyOf(files);
        for (int from = 0; from < all.size(); from += DESCRIBED_AT_ONCE) {
            List<String> some = all.subList(from, Math.min(all.size(), from + DESCRIBED_AT_ONCE));
            database.query("DESCRIBE SELECT * EXCLUDE (filename) FROM "
                            + read(
                                    some,
                                    "union_by_name=true, sample_size=-1, maximum_sample_files=2147483647,"
                                            + " map_inference_threshold=-1, field_appearance_threshold=0"))
                    .rows()
                    .forEach(column -> types.merge(text(column.get(0)), text(column.get(1)), Views::common));
        }
        return types.entrySet().stream()
                .map(column -> Sql.literal(column.getKey()) + ":" + Sql.literal(type(column.getValue())))
                .collect(Collectors.joining(", "));
    }

    /** A common type of two types of values. */
    private static String common(String one, String other) {
        if (one.equals(other) || other.equals(UNKNOWN)) {
            return one;
        }
        if (one.equals(UNKNOWN)) {
            return other;
        }
        return NUMBERS.contains(one) && NUMBERS.contains(other) ? "DOUBLE" : "VARCHAR";
    }

    private static String text(@Nullable Object cell) {
        return String.valueOf(cell);
    }

    private static String type(String guessed) {
        return GUESSED.contains(guessed) ? "VARCHAR" : guessed.replace(UNKNOWN, "DOUBLE");
    }

    private static String read(Collection<String> files, String options) {
        // A path is a glob pattern to DuckDB: [*] matches the character *.
        String paths = files.stream()
                .sorted()
                .map(path -> Sql.literal(path.replaceAll("[\\[*?]", "[$0]")))
                .collect(Collectors.joining(", ", "[", "]"));
        return "read_ndjson(" + paths + ", filename=true, ignore_errors=true, " + options + ")";
    }

    private static String path(Path file) {
        return file.toAbsolutePath().normalize().toString().replace('\\', '/');
    }

    private static boolean hasContent(Path file) {
        try {
            return Files.exists(file) && Files.size(file) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
