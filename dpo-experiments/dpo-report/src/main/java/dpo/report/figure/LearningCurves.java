package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Table;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Metrics against the optimizer step: one panel per series, one line per level of the factor (the mean over seeds), and
 * a band from the lowest to the highest seed.
 */
final class LearningCurves {

    private static final List<String> TRAINING = List.of("loss", "rewards/margins", "rewards/accuracies");

    private static final List<String> EVALUATION =
            List.of("eval/loss", "eval/rewards/margins", "eval/rewards/accuracies", "world/reward", "world/kl");

    /** Maximum number of points of a line; more steps are averaged over windows. */
    private static final int MOST_POINTS = 60;

    /** Panels share a y axis unless their ranges differ by more than this factor. */
    private static final double MOST_UNEQUAL = 5;

    private final Results results;
    private final Design design;
    private final Map<String, Run> runs;

    LearningCurves(Results results, Design design) {
        this.results = results;
        this.design = design;
        this.runs = results.runs().stream()
                .filter(run -> !run.status().equals("failed"))
                .collect(Collectors.toMap(Run::id, run -> run, (first, second) -> first, LinkedHashMap::new));
    }

    List<Figure> figures() {
        return Stream.concat(
                        figures("metrics", "training", TRAINING, MOST_POINTS),
                        figures("evaluations", "evaluation", EVALUATION, Integer.MAX_VALUE))
                .toList();
    }

    private Stream<Figure> figures(String view, String prefix, List<String> metrics, int mostPoints) {
        List<String> columns =
                results.query("SELECT * FROM " + view + " LIMIT 0").columns();
        return Stream.concat(
                        metrics.stream().filter(columns::contains),
                        columns.stream().filter(Measure::isCustom))
                .map(Measure::of)
                .flatMap(measure -> figure(view, prefix, measure, mostPoints).stream());
    }

    private Optional<Figure> figure(String view, String prefix, Measure measure, int mostPoints) {
        int window = window(view, mostPoints);
        Map<String, Map<SettingValue, List<Mark>>> curves = curves(view, measure, window);
        boolean drawn = curves.values().stream()
                .flatMap(levels -> levels.values().stream())
                .anyMatch(points -> points.size() > 1);
        if (!drawn) {
            return Optional.empty();
        }
        List<SettingValue> levels = design.levels(List.copyOf(runs.values()));
        List<Axis> yAxes = yAxes(measure, curves);
        List<Panel> panels = new ArrayList<>();
        curves.forEach((series, lines) -> {
            int index = panels.size();
            Axis y = yAxes.get(index);
            Panel panel = new Panel(
                    series,
                    Axis.over("optimizer step", Scale.LINEAR, values(curves).mapToDouble(Mark::x)),
                    index % 3 == 0 ? y : y.unlabelled());
            lines.forEach((level, points) -> draw(panel, color(level, levels), points));
            panels.add(panel);
        });
        String name = prefix + "-" + measure.fileName().replaceFirst("^eval-", "");
        boolean shared = yAxes.stream().map(Axis::low).distinct().count() == 1;
        return Optional.of(
                new Figure(name, caption(measure, window, panels.size() > 1 && !shared), 3, panels, legend(levels)));
    }

    private int window(String view, int mostPoints) {
        Object last = results.query("SELECT coalesce(max(step), 0) FROM " + view)
                .rows()
                .get(0)
                .get(0);
        return (int) Math.max(1, Math.ceil(number(last) / mostPoints));
    }

    /** Series → level → mean and range over the seeds, by step. */
    private Map<String, Map<SettingValue, List<Mark>>> curves(String view, Measure measure, int window) {
        String metric = '"' + measure.metric() + '"';
        Table table = results.query("SELECT run, (step - 1) // " + window + " AS place, avg(step), avg(" + metric
                + ") FROM " + view + " WHERE " + metric + " IS NOT NULL GROUP BY run, place ORDER BY place, run");
        Map<String, Map<SettingValue, Map<Double, List<Mark>>>> seeds = new TreeMap<>();
        for (List<@Nullable Object> row : table.rows()) {
            Run run = runs.get(String.valueOf(row.get(0)));
            if (run != null) {
                seeds.computeIfAbsent(design.series(run), key -> new TreeMap<>())
                        .computeIfAbsent(design.level(run), key -> new TreeMap<>())
                        .computeIfAbsent(number(row.get(1)), key -> new ArrayList<>())
                        .add(Mark.at(number(row.get(2)), number(row.get(3))));
            }
        }
        Map<String, Map<SettingValue, List<Mark>>> curves = new LinkedHashMap<>();
        for (String series : design.series(results.runs())) {
            seeds.getOrDefault(series, Map.of()).forEach((level, steps) -> curves.computeIfAbsent(
                            series, key -> new TreeMap<>())
                    .put(level, steps.values().stream().map(Mark::rangeOf).toList()));
        }
        return curves;
    }

    private static double number(@Nullable Object cell) {
        return cell instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private static void draw(Panel panel, Color color, List<Mark> points) {
        panel.band(color, points);
        panel.line(color, Style.LINE, points);
    }

    /** Numbers have ordered colours; other levels are grey, and runs without a level black. */
    private Color color(SettingValue level, List<SettingValue> levels) {
        if (design.factor().isPresent() && !level.isNumber()) {
            return level.equals(Design.WITHOUT) ? Style.INK : Style.MUTED;
        }
        List<SettingValue> numbers =
                levels.stream().filter(SettingValue::isNumber).toList();
        return Style.sequence(Math.max(numbers.indexOf(level), 0), numbers.size());
    }

    private List<Axis> yAxes(Measure measure, Map<String, Map<SettingValue, List<Mark>>> curves) {
        List<Axis> own = curves.values().stream()
                .map(lines -> yAxis(
                        measure, lines.values().stream().flatMap(List::stream).toList()))
                .toList();
        double largest =
                own.stream().mapToDouble(axis -> axis.high() - axis.low()).max().orElse(1);
        double smallest =
                own.stream().mapToDouble(axis -> axis.high() - axis.low()).min().orElse(1);
        Axis common = yAxis(measure, values(curves).toList());
        return largest / smallest > MOST_UNEQUAL
                ? own
                : own.stream().map(axis -> common).toList();
    }

    private static Axis yAxis(Measure measure, List<Mark> points) {
        // Margins and rewards grow from about zero: only losses span meaningful orders of magnitude.
        Scale scale = measure.metric().endsWith("loss") ? Axis.scaleFor(ys(points.stream())) : Scale.LINEAR;
        return Axis.over(measure.label(), scale, ys(points.stream()));
    }

    private static Stream<Mark> values(Map<String, Map<SettingValue, List<Mark>>> curves) {
        return curves.values().stream()
                .flatMap(lines -> lines.values().stream())
                .flatMap(List::stream);
    }

    private static DoubleStream ys(Stream<Mark> points) {
        return points.flatMapToDouble(point -> DoubleStream.of(point.yLow(), point.yHigh()));
    }

    private Legend legend(List<SettingValue> levels) {
        if (design.factor().isEmpty()) {
            return new Legend(List.of());
        }
        boolean isMixed = !runs.values().stream().allMatch(design::hasFactor);
        return new Legend(levels.stream()
                .map(level -> Legend.Entry.line(name(level, isMixed), color(level, levels), Style.LINE))
                .toList());
    }

    private String name(SettingValue level, boolean isMixed) {
        if (level.equals(Design.WITHOUT)) {
            return "no " + design.factorLabel();
        }
        return isMixed ? Design.number(level) : Design.describe(design.factor().orElseThrow(), level);
    }

    private String caption(Measure measure, int window, boolean unequalAxes) {
        return "The " + measure.label() + " against the optimizer step."
                + (design.isRepeated(List.copyOf(runs.values()))
                        ? " Lines: mean over seeds; bands: from the lowest to the highest seed."
                        : "")
                + (design.factor().isPresent()
                        ? " Colours: " + design.factorLabel()
                                + (runs.values().stream().allMatch(design::hasFactor)
                                        ? "."
                                        : ", or the parameter that a panel's objective has instead of it.")
                        : "")
                + (window > 1 ? " Each point is the average over " + window + " steps." : "")
                + (unequalAxes ? " The panels' y axes differ." : "");
    }
}
