package dpo.report.results;

import dpo.harness.config.SettingValue;
import dpo.statistics.InterquartileMean;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Means and intervals of metrics, one row per setting. Tables, figures and SQL take their intervals from here.
 *
 * <p>The unit of replication is the seed, or the world if {@link SummaryOptions#worlds} are given. Metrics that are
 * positive and skewed ({@link #isOnLogScale}) have a geometric mean and the interval of their logarithms. A run whose
 * metric is not finite makes the mean NaN; it is never left out.
 */
public final class Summary {

    /** KL divergences and norms of gradients, by their names. */
    private static final Pattern ON_LOG_SCALE = Pattern.compile("(.*[/_])?(kl|grad_norm)([/_].*)?");

    private static final int RESAMPLES = 2_000;

    private final List<Run> runs;
    private final SummaryOptions options;
    private final List<Replicates> rows;
    private final Map<Replicates, SeedsAndPairs> seedsAndPairs = new HashMap<>();

    Summary(List<Run> runs, SummaryOptions options) {
        this.runs = runs;
        this.options = options;
        List<String> settings = Results.namesOf(runs, run -> run.settings().keySet());
        List<String> unknown = options.worlds().stream()
                .filter(world -> !settings.contains(world))
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "settings to generalise over must be swept ones " + settings + ", got " + unknown);
        }
        rows = Replicates.of(runs, options.over());
    }

    /** Whether a metric is summarised on the logarithmic scale. */
    public static boolean isOnLogScale(String metric) {
        return ON_LOG_SCALE.matcher(metric).matches();
    }

    /** The settings in their order. */
    public List<Replicates> rows() {
        return rows;
    }

    /** How repeated runs are summarised. */
    public SummaryOptions options() {
        return options;
    }

    /** What the intervals show. */
    public IntervalKind kind() {
        return options.interval();
    }

    /** The mean of a metric with its interval; NaN without completed runs, or if the metric is not finite in one. */
    public Interval interval(Replicates row, String metric) {
        if (options.pairs()) {
            return overPairs(row, metric);
        }
        if (options.interquartile()) {
            return interquartile(row, metric);
        }
        return interval(options.worlds().isEmpty() ? row.values(metric) : worldMeans(row, metric), metric);
    }

    private Interval interquartile(Replicates row, String metric) {
        double[][] values = worlds(row).values().stream()
                .map(seeds ->
                        seeds.stream().mapToDouble(run -> run.metric(metric)).toArray())
                .toArray(double[][]::new);
        boolean areFinite =
                Arrays.stream(values).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
        // The resamples depend on the runs alone, so that a table can be repeated.
        return areFinite && values.length > 0
                ? InterquartileMean.bootstrap(
                        values,
                        RESAMPLES,
                        row.completed().stream().map(Run::id).toList().hashCode())
                : Interval.without(Double.NaN, 0);
    }

    private Interval overPairs(Replicates row, String metric) {
        SeedsAndPairs scores = seedsAndPairs.computeIfAbsent(row, SeedsAndPairs::of);
        Interval overSeeds = interval(row.values(metric), metric);
        if (scores.areNested()) {
            return overSeeds;
        }
        return Optional.of(metric)
                .filter(name -> !isOnLogScale(name))
                .flatMap(scores::interval)
                .orElseGet(() -> Interval.without(overSeeds.estimate(), n(row)));
    }

    /** The mean of values of a metric, one per unit of replication, with its interval. */
    public Interval interval(double[] values, String metric) {
        return isOnLogScale(metric)
                ? options.interval().onLogScale(values)
                : options.interval().of(values);
    }

    /** The mean over the seeds of each world. */
    private double[] worldMeans(Replicates row, String metric) {
        return worlds(row).values().stream()
                .mapToDouble(seeds -> interval(
                                seeds.stream()
                                        .mapToDouble(run -> run.metric(metric))
                                        .toArray(),
                                metric)
                        .estimate())
                .toArray();
    }

    private Map<List<Optional<SettingValue>>, List<Run>> worlds(Replicates row) {
        return row.completed().stream()
                .collect(Collectors.groupingBy(
                        run -> options.worlds().stream().map(run::level).toList(),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    /** Number of units of replication with a completed run: seeds or worlds. */
    public int n(Replicates row) {
        return options.worlds().isEmpty() ? row.completed().size() : worlds(row).size();
    }

    /** One row per setting: its values, n, the number of failed runs if there are any, and the given metrics. */
    public Table table(List<String> metrics) {
        List<String> settings = Results.namesOf(runs, run -> run.settings().keySet()).stream()
                .filter(setting -> !options.over().contains(setting))
                .toList();
        boolean anyFailed = rows.stream().anyMatch(row -> row.failed() > 0);
        List<String> columns = new ArrayList<>(settings);
        columns.add("n");
        if (anyFailed) {
            columns.add("failed");
        }
        metrics.forEach(metric -> columns.addAll(Table.withInterval(column(metric), options.interval())));
        List<List<@Nullable Object>> cells = new ArrayList<>();
        for (Replicates row : rows) {
            List<@Nullable Object> line = new ArrayList<>();
            settings.forEach(setting -> line.add(row.settings().get(setting)));
            line.add((long) n(row));
            if (anyFailed) {
                line.add((long) row.failed());
            }
            metrics.forEach(metric -> line.addAll(Table.cells(interval(row, metric))));
            cells.add(line);
        }
        return new Table(columns, cells).withLevels(settings).captioned(caption(metrics));
    }

    /** The name of the column of a metric in {@link #table}. */
    public String column(String metric) {
        return options.interquartile() ? metric + Table.INTERQUARTILE_MEAN : estimate(metric);
    }

    /** The name of the column of the mean of a metric. */
    public static String estimate(String metric) {
        return metric + (isOnLogScale(metric) ? Table.GEOMETRIC_MEAN : Table.MEAN);
    }

    /** What the numbers are: the kind of interval, the unit of replication, n, and what is missing. */
    String caption(List<String> metrics) {
        List<String> sentences = new ArrayList<>();
        sentences.add((options.interquartile() ? "Interquartile means of all runs over " : "Means over ") + unit()
                + ", with " + intervals() + "; n: number of " + unit() + ".");
        if (!options.interquartile() && metrics.stream().anyMatch(Summary::isOnLogScale)) {
            sentences.add("geomean: geometric mean, interval on the log scale.");
            named(metrics.stream().filter(Summary::isOnLogScale).toList(), value -> value <= 0)
                    .ifPresent(found -> sentences.add(
                            "Not positive, so that the mean is arithmetic and without interval: " + found + "."));
        }
        if (!options.worlds().isEmpty() && !options.interquartile()) {
            sentences.add("Each value enters as the mean over its seeds.");
        }
        if (options.pairs()) {
            sentences.add(
                    "Seeds and held-out pairs are both random; pairs are clustered by prompt. Only metrics that are"
                            + " means over stored pairs have an interval.");
            String without = rows.stream()
                    .filter(row -> seedsAndPairs.containsKey(row)
                            && Objects.requireNonNull(seedsAndPairs.get(row)).withoutPairs() > 0)
                    .map(row -> row.describe() + " ("
                            + Objects.requireNonNull(seedsAndPairs.get(row)).withoutPairs() + " of "
                            + row.completed().size() + ")")
                    .collect(Collectors.joining("; "));
            if (!without.isEmpty()) {
                sentences.add("Without an interval, because runs have no pairs.jsonl: " + without + ".");
            }
            if (seedsAndPairs.values().stream().anyMatch(SeedsAndPairs::areNested)) {
                sentences.add("Each seed has held-out pairs of its own, so that the interval over seeds covers both.");
            }
        }
        int fewest = rows.stream().mapToInt(this::n).min().orElse(0);
        int most = rows.stream().mapToInt(this::n).max().orElse(0);
        if (fewest < most) {
            sentences.add("n differs between settings, from " + fewest + " to " + most + ".");
        }
        long single = rows.stream().filter(row -> n(row) == 1).count();
        if (single > 0) {
            sentences.add((single == rows.size() ? "Each setting" : single == 1 ? "One setting" : single + " settings")
                    + (single > 1 && single < rows.size() ? " have" : " has") + " n = 1 and therefore no interval.");
        }
        named(metrics, value -> !Double.isFinite(value))
                .ifPresent(found -> sentences.add("Not finite, so that the mean is missing: " + found + "."));
        int failed = rows.stream().mapToInt(Replicates::failed).sum();
        if (failed > 0) {
            sentences.add(failed == 1 ? "One failed run is not included." : failed + " failed runs are not included.");
        }
        long unfinished = runs.stream()
                .filter(run -> !run.isCompleted() && !run.hasFailed())
                .count();
        if (unfinished > 0) {
            sentences.add(
                    unfinished == 1
                            ? "One unfinished run is not included."
                            : unfinished + " unfinished runs are not included.");
        }
        return String.join(" ", sentences);
    }

    /** What the intervals of {@link #interval(Replicates, String)} are, in words. */
    public String intervals() {
        return options.interquartile()
                ? "the 95 % percentile interval of " + RESAMPLES + " bootstrap samples of the seeds of each world"
                : options.interval().description();
    }

    private String unit() {
        return options.worlds().isEmpty() ? "seeds" : "values of " + String.join(" and ", options.worlds());
    }

    /** Names the metrics that have such a value in a run, with the number of these runs. */
    private Optional<String> named(List<String> metrics, DoublePredicate which) {
        List<String> found = new ArrayList<>();
        for (String metric : metrics) {
            long count = rows.stream()
                    .flatMap(row -> row.completed().stream())
                    .filter(run -> run.result().containsKey(metric))
                    .filter(run -> which.test(run.metric(metric)))
                    .count();
            if (count > 0) {
                found.add(metric + " in " + count + (count == 1 ? " run" : " runs"));
            }
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", found));
    }
}
