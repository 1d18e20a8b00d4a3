package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.figure.Curves.Point;
import dpo.report.results.EvaluationSets;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.settings.ReportSettings;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Metrics against the optimizer step: one panel per series, one line per level of the factor (the mean over seeds), and
 * a band of the interval that tables have; of fewer than three seeds, from the lowest to the highest.
 */
final class LearningCurves {

    private static final List<String> TRAINING = List.of("loss", "rewards/margins", "rewards/accuracies");

    private static final List<String> WORLD = List.of("world/reward", "world/kl");

    /** Maximum number of points of a line; more steps are averaged over windows. */
    private static final int MOST_POINTS = 60;

    /** Panels share a y axis unless their ranges differ by more than this factor. */
    private static final double MOST_UNEQUAL = 5;

    private final Results results;
    private final Summary summary;
    private final Design design;
    private final ReportSettings settings;
    private final Axes axes;
    private final Map<String, Run> runs;

    LearningCurves(Results results, Summary summary, Design design, ReportSettings settings) {
        this.results = results;
        this.summary = summary;
        this.design = design;
        this.settings = settings;
        this.axes = new Axes(settings);
        this.runs = results.runs().stream()
                .filter(run -> !run.status().equals("failed"))
                .collect(Collectors.toMap(Run::id, run -> run, (first, second) -> first, LinkedHashMap::new));
    }

    List<Figure> figures() {
        List<String> ofSteps = results.columns("metrics");
        List<String> ofEvaluations = results.columns("evaluations");
        EvaluationSets sets = EvaluationSets.of(ofEvaluations);
        Stream<String> evaluated = Stream.of(
                        sets.all(TRAINING),
                        WORLD.stream(),
                        ofEvaluations.stream().filter(sets::isCustom))
                .flatMap(names -> names)
                .filter(ofEvaluations::contains);
        Stream<String> trained = Stream.concat(
                        TRAINING.stream(), ofSteps.stream().filter(Measure::isCustom))
                .filter(ofSteps::contains);
        return Stream.concat(
                        figures("metrics", "training", trained.toList(), MOST_POINTS),
                        figures("evaluations", "evaluation", evaluated.toList(), Integer.MAX_VALUE))
                .toList();
    }

    private Stream<Figure> figures(String view, String prefix, List<String> metrics, int mostPoints) {
        Curves curves = new Curves(results, summary, design, runs, view, metrics, mostPoints);
        return metrics.stream()
                .map(metric -> Measure.of(metric, settings.names()))
                .flatMap(measure -> figure(prefix, measure, curves.of(measure.metric()), curves.window()).stream());
    }

    private Optional<Figure> figure(
            String prefix, Measure measure, Map<String, Map<SettingValue, List<Point>>> curves, int window) {
        boolean drawn = curves.values().stream()
                .flatMap(levels -> levels.values().stream())
                .anyMatch(points -> points.size() > 1);
        if (!drawn) {
            return Optional.empty();
        }
        List<SettingValue> levels = design.levels(List.copyOf(runs.values()));
        List<Axis> yAxes = yAxes(measure, curves);
        Axis steps = Axis.over("optimizer step", Scale.LINEAR, values(curves).mapToDouble(point -> point.mark()
                .x()));
        List<Panel> panels = new ArrayList<>();
        curves.forEach((series, lines) -> {
            Axis y = yAxes.get(panels.size());
            Panel panel = new Panel(series, steps, y);
            lines.forEach((level, points) -> draw(panel, color(level, levels), points));
            panels.add(panel);
        });
        String name = prefix + "-" + measure.fileName().replaceFirst("^eval-", "");
        boolean shared = yAxes.stream().map(Axis::low).distinct().count() == 1;
        return Optional.of(new Figure(
                name,
                caption(measure, window, panels.size() > 1 && !shared),
                3,
                panels,
                legend(levels),
                settings.figures()));
    }

    private static void draw(Panel panel, Color color, List<Point> points) {
        List<Mark> marks = points.stream().map(Point::mark).toList();
        panel.band(color, marks);
        panel.line(color, Style.LINE, marks);
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

    private List<Axis> yAxes(Measure measure, Map<String, Map<SettingValue, List<Point>>> curves) {
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

    /** An axis over means and seeds: a wide band of few seeds would flatten the curves. */
    private Axis yAxis(Measure measure, List<Point> points) {
        double[] shown = points.stream()
                .flatMapToDouble(point -> DoubleStream.of(point.mark().y(), point.low(), point.high()))
                .toArray();
        // Margins and rewards grow from about zero: only losses span meaningful orders of magnitude.
        Scale scale = measure.metric().endsWith("loss") ? Axis.scaleFor(DoubleStream.of(shown)) : Scale.LINEAR;
        return axes.over(measure.metric(), measure.label(), scale, DoubleStream.of(shown));
    }

    private static Stream<Point> values(Map<String, Map<SettingValue, List<Point>>> curves) {
        return curves.values().stream()
                .flatMap(lines -> lines.values().stream())
                .flatMap(List::stream);
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
        return isMixed
                ? design.levelText(level)
                : design.describe(design.factor().orElseThrow(), level);
    }

    private String caption(Measure measure, int window, boolean unequalAxes) {
        return "The " + measure.label() + " against the optimizer step."
                + (design.isRepeated(List.copyOf(runs.values())) ? bands(measure) : "")
                + (design.factor().isPresent()
                        ? " Colours: " + design.factorLabel()
                                + (runs.values().stream().allMatch(design::hasFactor)
                                        ? "."
                                        : ", or the parameter that a panel's objective has instead of it.")
                        : "")
                + (window > 1 ? " Each point is the average over " + window + " steps." : "")
                + (unequalAxes ? " The panels' y axes differ." : "")
                + axes.limitsOf(List.of(measure.metric()));
    }

    private String bands(Measure measure) {
        int fewest = summary.rows().stream()
                .mapToInt(summary::n)
                .filter(n -> n > 0)
                .min()
                .orElse(0);
        int most = summary.rows().stream().mapToInt(summary::n).max().orElse(0);
        String range = "from the lowest to the highest run";
        String mean = Summary.isOnLogScale(measure.metric()) ? "geometric mean" : "mean";
        return " Lines: " + mean + " over " + Replication.unit(settings) + ", " + Replication.count(summary)
                + "; bands: "
                + (most < Curves.FEWEST
                        ? range
                        : summary.kind().description() + " at each step"
                                + (fewest < Curves.FEWEST ? ", of fewer than three " + range : "")
                                + ", cut at the ends of the axis")
                + ".";
    }
}
