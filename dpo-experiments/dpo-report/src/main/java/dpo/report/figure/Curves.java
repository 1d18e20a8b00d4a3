package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.results.SummaryOptions;
import dpo.statistics.Interval;
import dpo.statistics.IntervalKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Metrics by optimizer step from one view, averaged over windows of steps. The files of all runs are read once for all
 * metrics.
 */
final class Curves {

    /** The fewest seeds with an interval; of fewer, the range is more honest. */
    static final int FEWEST = 3;

    private final Summary summary;
    private final SummaryOptions options;
    private final List<String> series;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final List<String> metrics;
    private final int window;
    private final List<List<@Nullable Object>> rows;

    /**
     * One point of a curve.
     *
     * @param mark mean and interval over seeds
     * @param low smallest value of a seed
     * @param high largest value of a seed
     */
    record Point(Mark mark, double low, double high) {}

    /** A run in the figure. */
    private record Place(Run run, String series, SettingValue level) {}

    /** The value of a run at a step. */
    private record Seed(Run run, Mark mark) {}

    /**
     * @param metrics columns of the view
     * @param mostPoints the most points of a curve
     */
    Curves(
            Results results,
            Summary summary,
            Design design,
            Map<String, Run> runs,
            String view,
            List<String> metrics,
            int mostPoints) {
        this.summary = summary;
        this.options = summary.options();
        this.series = design.series(List.copyOf(runs.values()));
        this.metrics = metrics;
        this.rows = metrics.isEmpty()
                ? List.of()
                : results.query(sql(results.part(view, read(metrics), runs.keySet()), mostPoints))
                        .rows();
        this.window = rows.isEmpty() ? 1 : (int) number(rows.get(0).get(2));
        runs.values().forEach(run -> places.put(run.id(), new Place(run, design.series(run), design.level(run))));
    }

    private static List<String> read(List<String> metrics) {
        return Stream.concat(Stream.of("step"), metrics.stream()).toList();
    }

    /** One pass over the files: the window depends on the last step. */
    private String sql(String lines, int mostPoints) {
        List<String> names = metrics.stream().map(metric -> '"' + metric + '"').toList();
        return "WITH lines AS MATERIALIZED (SELECT run, step, " + String.join(", ", names) + " FROM " + lines
                + "), windows AS (SELECT greatest(1, ceil(max(step) / " + mostPoints
                + ".0))::BIGINT AS size FROM lines)"
                + " SELECT run, (step - 1) // size AS place, any_value(size)"
                + names.stream()
                        .map(metric -> ", avg(step) FILTER (WHERE " + metric + " IS NOT NULL), avg(" + metric + ")")
                        .collect(Collectors.joining())
                + " FROM lines, windows GROUP BY run, place ORDER BY place, run";
    }

    /** Number of steps that a point is the average over. */
    int window() {
        return window;
    }

    /** Series → level → points by step. */
    Map<String, Map<SettingValue, List<Point>>> of(String metric) {
        int column = 3 + 2 * metrics.indexOf(metric);
        Map<String, Map<SettingValue, Map<Double, List<Seed>>>> seeds = new TreeMap<>();
        for (List<@Nullable Object> row : rows) {
            Place place = places.get(String.valueOf(row.get(0)));
            if (place != null && row.get(column + 1) != null) {
                seeds.computeIfAbsent(place.series(), key -> new TreeMap<>())
                        .computeIfAbsent(place.level(), key -> new TreeMap<>())
                        .computeIfAbsent(number(row.get(1)), key -> new ArrayList<>())
                        .add(new Seed(place.run(), Mark.at(number(row.get(column)), number(row.get(column + 1)))));
            }
        }
        Map<String, Map<SettingValue, List<Point>>> curves = new LinkedHashMap<>();
        for (String name : series) {
            seeds.getOrDefault(name, Map.of())
                    .forEach((level, steps) -> curves.computeIfAbsent(name, key -> new TreeMap<>())
                            .put(
                                    level,
                                    steps.values().stream()
                                            .map(ofStep -> point(ofStep, metric))
                                            .toList()));
        }
        return curves;
    }

    private Point point(List<Seed> seeds, String metric) {
        double step =
                seeds.stream().mapToDouble(seed -> seed.mark().x()).average().orElse(Double.NaN);
        double[] all = ys(seeds);
        Interval range = IntervalKind.RANGE.of(all);
        double[] units = options.worlds().isEmpty() ? all : worldMeans(seeds, metric);
        Interval interval = summary.interval(units, metric);
        if (units.length < FEWEST) {
            interval = new Interval(interval.estimate(), range.low(), range.high(), interval.n());
        }
        double y = range.estimate();
        return new Point(
                Mark.at(step, interval), range.isKnown() ? range.low() : y, range.isKnown() ? range.high() : y);
    }

    private double[] worldMeans(List<Seed> seeds, String metric) {
        Map<List<Optional<SettingValue>>, List<Seed>> worlds = seeds.stream()
                .collect(Collectors.groupingBy(
                        seed -> options.worlds().stream().map(seed.run()::level).toList(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return worlds.values().stream()
                .mapToDouble(ofWorld -> summary.interval(ys(ofWorld), metric).estimate())
                .toArray();
    }

    private static double[] ys(List<Seed> seeds) {
        return seeds.stream().mapToDouble(seed -> seed.mark().y()).toArray();
    }

    private static double number(@Nullable Object cell) {
        return cell instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
