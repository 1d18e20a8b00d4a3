package dpo.report.results;

import dpo.harness.config.SettingValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results of a sweep or a run: its runs at the time of opening, and their lines at the time of a query. Runs may
 * still be running; incomplete lines of a killed process are ignored.
 *
 * <p>SQL queries (DuckDB's SQL) can read these views:
 *
 * <ul>
 *   <li>{@code runs}: one row per run: {@code id}, {@code status}, a column per swept setting, a column per result
 *       metric, {@code seconds}, {@code error};
 *   <li>{@code summary}: one row per setting, over its seeds: the settings other than {@code seed}, {@code n}
 *       (completed runs), {@code failed} (failed or damaged), and for each result metric m the columns {@code "m mean"},
 *       {@code "m mean ci95 low"} and {@code "… high"} (95 % confidence interval; null for n = 1) and {@code "m sd"}
 *       (sample standard deviation, divisor n − 1; null for n = 1); for metrics on the log scale also {@code "m geomean"}
 *       with its interval. All are null if m is not finite in one of the n runs: a diverged seed is not averaged away;
 *   <li>{@code metrics} (one row per optimizer step), {@code evaluations} (one row per evaluation), {@code pairs} (one
 *       row per pair and evaluation, with its step; {@code policy.chosen} selects a nested value) and {@code frontier}
 *       (the exact optimum in the controlled world): the columns of the files of that name, and {@code run}, the run's
 *       id.
 * </ul>
 *
 * <p>Column names are the settings' paths and the metrics' names in the files. They contain dots and slashes, so SQL
 * requires double quotes:
 *
 * <pre>{@code
 * SELECT "objective.preference.beta", avg("eval/rewards/accuracies") FROM runs GROUP BY ALL
 * SELECT run, step, "rewards/margins" FROM metrics WHERE step % 100 = 0
 * }</pre>
 *
 * <p>The database is in memory. Its native library is unpacked once per user. Not thread-safe.
 */
public final class Results implements AutoCloseable {

    private static final Duration LONGEST_QUERY = Duration.ofMinutes(10);

    /** The setting over which a summary aggregates. */
    public static final String SEED = "seed";

    private static final List<String> OF_SETS = List.of("loss", "rewards/accuracies", "rewards/margins");

    private static final List<String> WORLD_METRICS = List.of("world/reward", "world/kl", "world/gap", "world/regret");

    /** The number of metrics of an overview of runs without any main metric. */
    private static final int MOST_SHOWN = 6;

    private final List<Run> runs;
    private final Database database;
    private final Views views;

    private Results(List<Run> runs, Database database) {
        this(runs, database, new Views(runs, database));
    }

    private Results(List<Run> runs, Database database, Views views) {
        this.runs = runs;
        this.database = database;
        this.views = views;
    }

    /** These results with some of the runs, in an order of one's own; queries still see all runs in their order. */
    public Results only(List<Run> some) {
        return new Results(List.copyOf(some), database, views);
    }

    /**
     * Opens a sweep's folder or a run's folder.
     *
     * @throws IllegalArgumentException if the folder is neither
     */
    public static Results open(Path folder) {
        return new Results(sorted(RunFolders.read(folder)), new Database(LONGEST_QUERY));
    }

    private static List<Run> sorted(List<Run> runs) {
        Comparator<Run> order = Comparator.comparing(Run::id);
        List<String> settings = namesOf(runs, run -> run.settings().keySet());
        for (int i = settings.size() - 1; i >= 0; i--) {
            String setting = settings.get(i);
            order = Comparator.<Run, Boolean>comparing(run -> run.level(setting).isEmpty())
                    .thenComparing(run -> run.level(setting).orElse(SettingValue.NULL))
                    .thenComparing(order);
        }
        return runs.stream().sorted(order).toList();
    }

    /** The runs, in the order of their settings. */
    public List<Run> runs() {
        return runs;
    }

    /** One line per damaged run; see {@link Run#DAMAGED}. */
    public List<String> warnings() {
        return runs.stream()
                .filter(run -> run.status().equals(Run.DAMAGED))
                .map(run -> "warning: run " + run.id() + " is damaged; dpo train or dpo sweep computes it again: "
                        + run.error())
                .toList();
    }

    /** All swept paths, including {@value #SEED}. */
    public List<String> settings() {
        return namesOf(runs, run -> run.settings().keySet());
    }

    /** The result metrics of all runs. */
    public List<String> metrics() {
        return namesOf(runs, run -> run.result().keySet());
    }

    /**
     * Runs a user's query, which can only read the views above. It is the last query of this object, because the
     * database permanently loses access to files, extensions, network and settings.
     *
     * @param sql one query
     * @throws IllegalArgumentException if the text is not exactly one query, if the database refuses it (with the
     *     database's reason), or if the result has more than five million cells, elements of lists included, or takes longer than ten minutes
     */
    public Table answer(String sql) {
        database.requireOneQuery(sql);
        views.createFor(sql);
        views.copyNamedIn(sql);
        database.seal();
        return queried(sql);
    }

    /**
     * Runs a query of the program itself; use {@link #answer} for a user's query.
     *
     * @param sql one SELECT over the views above
     * @throws IllegalArgumentException if the database refuses it, with the database's reason
     */
    public Table query(String sql) {
        views.createFor(sql);
        return queried(sql);
    }

    private Table queried(String sql) {
        return database.query(sql).withSettings(settings());
    }

    /**
     * Some columns and runs of a view over files, and the run of each row, as a table for {@link #query}: only these
     * columns of the files of these runs are parsed.
     *
     * @param ids the ids of runs
     */
    public String part(String view, List<String> columns, Set<String> ids) {
        return views.part(view, columns, ids);
    }

    /** The columns of a view, without a look into files. */
    public List<String> columns(String view) {
        return query("DESCRIBE " + view).rows().stream()
                .map(column -> String.valueOf(column.get(0)))
                .toList();
    }

    /** The summary over repeated runs. */
    public Summary summary(SummaryOptions options) {
        return new Summary(runs, options);
    }

    /** The names of the views. */
    public static List<String> views() {
        return List.copyOf(Views.ORDERS.keySet());
    }

    /**
     * Writes all rows of a view to a file, sorted by run and step.
     *
     * @param file a path at which no file exists
     */
    public void copy(String view, CopyFormat format, Path file) {
        views.createFor(view);
        database.execute("COPY (SELECT " + format.columns(database, view) + " FROM " + Sql.name(view) + " ORDER BY "
                + Views.ORDERS.get(view) + ") TO " + Sql.literal(file.toString()) + " " + format.options());
    }

    /** {@link #overview(SummaryOptions, List)} with the main metrics and the standard summary. */
    public Table overview() {
        return overview(SummaryOptions.STANDARD, mainMetrics());
    }

    /**
     * The settings and some metrics, summarised if a setting has several runs, otherwise with one row per run.
     *
     * @throws IllegalArgumentException if a metric or a setting is unknown
     */
    public Table overview(SummaryOptions options, List<String> metrics) {
        requireKnown(metrics);
        return isRepeated() || !options.worlds().isEmpty()
                ? summary(options).table(metrics)
                : runTable(metrics)
                        .captioned(
                                runs.size() < 2 && options.equals(SummaryOptions.STANDARD)
                                        ? ""
                                        : "One row per run: no setting has several seeds, so that there are no"
                                                + " intervals.");
    }

    /** Requires that each name is a result metric of a run. */
    public void requireKnown(List<String> metrics) {
        List<String> known = metrics();
        List<String> unknown =
                metrics.stream().filter(Predicate.not(known::contains)).toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("metric must be one of the results " + known + ", got " + unknown);
        }
    }

    /** The path of a swept setting that is given by it, or by its last part if that is unique; otherwise the given name. */
    public String setting(String name) {
        List<String> found =
                settings().stream().filter(path -> path.endsWith("." + name)).toList();
        return settings().contains(name) || found.size() != 1 ? name : found.get(0);
    }

    private boolean isRepeated() {
        return runs.stream()
                        .map(run -> run.settings().get(SEED))
                        .filter(Objects::nonNull)
                        .distinct()
                        .count()
                > 1;
    }

    private Table runTable(List<String> metrics) {
        List<String> settings = settings();
        List<String> columns = new ArrayList<>(settings.isEmpty() ? List.of("id") : settings);
        columns.add("status");
        columns.addAll(metrics);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Run run : runs) {
            List<@Nullable Object> row = new ArrayList<>();
            if (settings.isEmpty()) {
                row.add(run.id());
            }
            settings.forEach(setting -> row.add(run.settings().get(setting)));
            row.add(run.status());
            metrics.forEach(metric -> row.add(Double.isFinite(run.metric(metric)) ? run.metric(metric) : null));
            rows.add(row);
        }
        return new Table(columns, rows).withLevels(settings);
    }

    /**
     * The metrics of an overview: loss, accuracy and margin of each evaluation set, the exact ones of a world, and the
     * user's own.
     */
    public List<String> mainMetrics() {
        List<String> metrics = metrics();
        EvaluationSets sets = EvaluationSets.of(metrics);
        List<String> main = Stream.of(
                        sets.all(OF_SETS),
                        WORLD_METRICS.stream(),
                        metrics.stream().filter(sets::isCustom))
                .flatMap(names -> names)
                .filter(metrics::contains)
                .toList();
        return main.isEmpty() ? metrics.stream().limit(MOST_SHOWN).toList() : main;
    }

    /** The union of names over all runs, in order of first appearance. */
    static List<String> namesOf(List<Run> runs, Function<Run, Set<String>> names) {
        Set<String> union = new LinkedHashSet<>();
        runs.forEach(run -> union.addAll(names.apply(run)));
        return List.copyOf(union);
    }

    @Override
    public void close() {
        database.close();
    }
}
