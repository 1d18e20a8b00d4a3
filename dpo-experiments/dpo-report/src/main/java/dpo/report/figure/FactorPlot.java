package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.EvaluationSets;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import dpo.report.settings.ReportSettings;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Final metrics against the factor: one panel per metric, one line per series, error bars over seeds, seeds as dots.
 */
final class FactorPlot {

    private static final List<String> OF_SETS = List.of("loss", "rewards/margins", "rewards/accuracies");

    private static final List<String> WORLD =
            List.of("world/reward", "world/kl", "world/gap", "world/regret", "world/log_loss", "world/accuracy");

    /** Metrics with a bound that no policy surpasses, and the metric that has it. */
    private static final Map<String, String> BOUNDS =
            Map.of("world/log_loss", "world/bayes_log_loss", "world/accuracy", "world/bayes_accuracy");

    /** Series are shifted by this share of the x axis, so that their error bars do not overlap. */
    private static final double APART = 0.012;

    /** If levels are closer than this share of the axis, all are spaced evenly, so that marks do not overlap. */
    private static final double NEAREST = 0.03;

    /** The series of a level stay within this share of the axis, for any number of series. */
    private static final double ALL_WITHIN = 0.06;

    private final Design design;
    private final Summary summary;
    private final ReportSettings settings;
    private final Axes axes;
    private final List<Run> runs;
    private final Map<String, List<Run>> bySeries;
    private final List<String> series;
    private final List<SettingValue> levels;
    private final Axis xAxis;

    FactorPlot(Results results, Summary summary, Design design, ReportSettings settings) {
        this.design = design;
        this.summary = summary;
        this.settings = settings;
        this.axes = new Axes(settings);
        runs = results.runs().stream()
                .filter(run -> run.isCompleted() && design.hasFactor(run))
                .toList();
        bySeries =
                runs.stream().collect(Collectors.groupingBy(design::series, LinkedHashMap::new, Collectors.toList()));
        series = List.copyOf(bySeries.keySet());
        levels = design.levels(runs);
        xAxis = levels.size() > 1 ? xAxis() : Axis.of("", Scale.LINEAR, 0, 1);
    }

    Optional<Figure> figure() {
        List<Panel> panels = new ArrayList<>();
        if (levels.size() > 1) {
            metrics().stream()
                    .map(metric -> Measure.of(metric, settings.names()))
                    .forEach(measure -> panels.add(panel(measure)));
        }
        if (panels.isEmpty()) {
            return Optional.empty();
        }
        String caption = "Final metrics against " + design.factorLabel() + "."
                + (design.isRepeated(runs)
                        ? " Lines: " + Replication.means(settings, summary) + "; dots: single runs."
                                + Replication.remarks(settings)
                        : "")
                + (hasBounds() ? " Dashed lines: the true reward, which no policy surpasses." : "")
                + (isEven() ? " The levels on the x axis are evenly spaced." : "")
                + axes.limitsOf(metrics());
        return Optional.of(
                new Figure("metrics-against-" + fileName(), caption, 3, panels, legend(), settings.figures()));
    }

    private String fileName() {
        String factor = design.factor().orElse("");
        return factor.substring(factor.lastIndexOf('.') + 1).replaceAll("[^A-Za-z0-9]+", "-");
    }

    /** The given metrics, or else the usual ones and the user's own; those that a run has. */
    private List<String> metrics() {
        return (settings.metrics().isEmpty() ? usual() : settings.metrics().stream())
                .filter(this::isKnown)
                .toList();
    }

    private Stream<String> usual() {
        List<String> known = runs.stream()
                .flatMap(run -> run.result().keySet().stream())
                .distinct()
                .toList();
        EvaluationSets sets = EvaluationSets.of(known);
        return Stream.of(
                        sets.all(OF_SETS),
                        WORLD.stream(),
                        known.stream().filter(metric -> sets.isCustom(metric) || Measure.isCustom(metric)))
                .flatMap(names -> names);
    }

    private boolean isKnown(String metric) {
        return runs.stream().anyMatch(run -> Double.isFinite(run.metric(metric)));
    }

    private boolean hasBounds() {
        return metrics().stream().anyMatch(metric -> bound(metric).isPresent());
    }

    /** The mean over the runs of the bound of a metric, if it has one: the bound, if all runs are of one world. */
    private OptionalDouble bound(String metric) {
        return runs.stream()
                .mapToDouble(run -> run.metric(BOUNDS.getOrDefault(metric, "")))
                .filter(Double::isFinite)
                .average();
    }

    private Panel panel(Measure measure) {
        List<Double> values = DoubleStream.concat(
                        runs.stream().mapToDouble(run -> run.metric(measure.metric())),
                        bound(measure.metric()).stream())
                .boxed()
                .toList();
        Scale scale = axes.scale(measure.metric())
                .orElse(Axis.scaleFor(values.stream().mapToDouble(value -> value)));
        List<List<Mark>> seeds = IntStream.range(0, series.size())
                .mapToObj(i -> seeds(i, measure))
                .toList();
        List<List<Mark>> means = IntStream.range(0, series.size())
                .mapToObj(i -> means(i, measure))
                .toList();
        DoubleStream shown = Stream.concat(
                        means.stream()
                                .flatMap(List::stream)
                                .flatMap(mark -> Stream.of(mark.yLow(), mark.yHigh()))
                                // A bar may reach below zero, which a logarithmic axis cannot show.
                                .filter(value -> scale != Scale.LOGARITHMIC || value > 0),
                        values.stream())
                .mapToDouble(value -> value);
        Panel panel = new Panel("", xAxis, axes.over(measure.metric(), measure.label(), scale, shown));
        bound(measure.metric())
                .ifPresent(at -> panel.line(
                        Style.INK, Style.dashed(1.2f), List.of(Mark.at(xAxis.low(), at), Mark.at(xAxis.high(), at))));
        for (int i = 0; i < series.size(); i++) {
            Color color = Style.category(i, series.size());
            panel.dots(Style.faint(color, 0.45), seeds.get(i));
            panel.errorBars(color, false, means.get(i));
            panel.line(
                    color,
                    Style.LINE,
                    means.get(i).stream().filter(this::isJoined).toList());
            panel.marks(color, Style.marker(i, 7), means.get(i));
        }
        return panel;
    }

    /** A line joins numbers only: null has no position on their scale. */
    private boolean isJoined(Mark mark) {
        return !isEven() || levels.get((int) Math.round(mark.x())).isNumber();
    }

    private Axis xAxis() {
        Axis axis = isEven()
                ? Axis.of(design.factorLabel(), Scale.LINEAR, -0.5, levels.size() - 0.5)
                : axes.over(
                        design.factor().orElseThrow(),
                        design.factorLabel(),
                        scale(),
                        levels.stream().mapToDouble(SettingValue::number));
        return axis.markedAt(levels.stream()
                .map(level -> new Axis.Tick(x(level), design.levelText(level)))
                .toList());
    }

    private Scale scale() {
        boolean hasLogarithms = levels.get(0).number() > 0;
        Scale given = design.factor().flatMap(axes::scale).orElse(Scale.LOGARITHMIC);
        return hasLogarithms ? given : Scale.LINEAR;
    }

    /** The position of a level on the x axis. */
    private double x(SettingValue level) {
        return isEven() ? levels.indexOf(level) : level.number();
    }

    /** Whether levels are spaced evenly: if one is not a finite number, or two are too close to each other. */
    private boolean isEven() {
        double[] places = levels.stream()
                .mapToDouble(level -> scale().position(level.number()))
                .toArray();
        double length = places[places.length - 1] - places[0];
        return !Double.isFinite(length)
                || IntStream.range(1, places.length).anyMatch(i -> !(places[i] - places[i - 1] >= NEAREST * length));
    }

    /** The runs of the {@code index}-th series with a finite metric. */
    private List<Mark> seeds(int index, Measure measure) {
        return ofSeries(index)
                .filter(run -> Double.isFinite(run.metric(measure.metric())))
                .map(run -> Mark.at(shifted(index, design.level(run)), run.metric(measure.metric())))
                .toList();
    }

    private Stream<Run> ofSeries(int index) {
        return bySeries.getOrDefault(series.get(index), List.of()).stream();
    }

    /** The position of a level for the {@code index}-th series. */
    private double shifted(int index, SettingValue level) {
        double ofAxis = Math.min(APART, ALL_WITHIN / series.size()) * xAxis.length();
        double apart = isEven() ? Math.min(ofAxis, 0.8 / series.size()) : ofAxis;
        double shift = (index - (series.size() - 1) / 2.0) * apart;
        return xAxis.scale() == Scale.LOGARITHMIC ? x(level) * Math.pow(10, shift) : x(level) + shift;
    }

    /** The mean of each level, with the interval of tables; absent if the metric is not finite in one of its runs. */
    List<Mark> means(int index, Measure measure) {
        return summary.rows().stream()
                .filter(row -> row.completed().stream()
                        .findFirst()
                        .filter(run ->
                                design.hasFactor(run) && design.series(run).equals(series.get(index)))
                        .isPresent())
                .map(row -> Mark.at(
                        shifted(index, design.level(row.completed().get(0))), summary.interval(row, measure.metric())))
                .filter(mark -> Double.isFinite(mark.y()))
                .sorted(Comparator.comparingDouble(Mark::x))
                .toList();
    }

    private Legend legend() {
        return new Legend(
                series.size() < 2
                        ? List.of()
                        : IntStream.range(0, series.size())
                                .mapToObj(i -> new Legend.Entry(
                                        series.get(i),
                                        Style.category(i, series.size()),
                                        Style.LINE,
                                        Style.marker(i, 7)))
                                .toList());
    }
}
