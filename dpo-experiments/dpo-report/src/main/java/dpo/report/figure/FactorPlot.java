package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.Results;
import dpo.report.results.Run;
import dpo.report.results.Summary;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Final metrics against the factor: one panel per metric, one line per series, error bars over seeds, seeds as dots.
 */
final class FactorPlot {

    private static final List<String> METRICS = List.of(
            "eval/loss", "eval/rewards/margins", "eval/rewards/accuracies", "world/reward", "world/kl", "world/gap");

    /** Series are shifted by this share of the x axis, so that their error bars do not overlap. */
    private static final double APART = 0.012;

    /** If levels are closer than this share of the axis, all are spaced evenly, so that marks do not overlap. */
    private static final double NEAREST = 0.03;

    /** The series of a level stay within this share of the axis, for any number of series. */
    private static final double ALL_WITHIN = 0.06;

    private final Design design;
    private final Summary summary;
    private final List<Run> runs;
    private final List<String> series;
    private final List<SettingValue> levels;

    FactorPlot(Results results, Summary summary, Design design) {
        this.design = design;
        this.summary = summary;
        runs = results.runs().stream()
                .filter(run -> run.isCompleted() && design.hasFactor(run))
                .toList();
        series = design.series(runs);
        levels = design.levels(runs);
    }

    Optional<Figure> figure() {
        List<Panel> panels = new ArrayList<>();
        if (levels.size() > 1) {
            Stream.concat(METRICS.stream(), customMetrics())
                    .filter(this::isKnown)
                    .map(Measure::of)
                    .forEach(measure -> panels.add(panel(measure)));
        }
        if (panels.isEmpty()) {
            return Optional.empty();
        }
        String caption = "Final metrics against " + design.factorLabel() + "."
                + (design.isRepeated(runs)
                        ? " Lines: mean over seeds (geometric mean of KL divergences); bars: "
                                + summary.kind().description() + "; dots: single seeds."
                        : "")
                + (isEven() ? " The levels on the x axis are evenly spaced." : "");
        return Optional.of(new Figure("metrics-against-" + fileName(), caption, 3, panels, legend()));
    }

    private String fileName() {
        String factor = design.factor().orElse("");
        return factor.substring(factor.lastIndexOf('.') + 1).replaceAll("[^A-Za-z0-9]+", "-");
    }

    private Stream<String> customMetrics() {
        return runs.stream()
                .flatMap(run -> run.result().keySet().stream())
                .filter(Measure::isCustom)
                .distinct();
    }

    private boolean isKnown(String metric) {
        return runs.stream().anyMatch(run -> Double.isFinite(run.metric(metric)));
    }

    private Panel panel(Measure measure) {
        List<Double> values =
                runs.stream().map(run -> run.metric(measure.metric())).toList();
        Scale scale = Axis.scaleFor(values.stream().mapToDouble(value -> value));
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
        Panel panel = new Panel("", xAxis(), Axis.over(measure.label(), scale, shown));
        for (int i = 0; i < series.size(); i++) {
            Color color = Style.category(i, series.size());
            panel.marks(Style.faint(color, 0.35), Style.marker(0, 4), seeds.get(i));
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
                : Axis.over(design.factorLabel(), scale(), levels.stream().mapToDouble(SettingValue::number));
        return axis.markedAt(levels.stream()
                .map(level -> new Axis.Tick(x(level), Design.number(level)))
                .toList());
    }

    private Scale scale() {
        return levels.get(0).number() > 0 ? Scale.LOGARITHMIC : Scale.LINEAR;
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
        return runs.stream().filter(run -> design.series(run).equals(series.get(index)));
    }

    /** The position of a level for the {@code index}-th series. */
    private double shifted(int index, SettingValue level) {
        Axis axis = xAxis();
        double ofAxis = Math.min(APART, ALL_WITHIN / series.size()) * axis.length();
        double apart = isEven() ? Math.min(ofAxis, 0.8 / series.size()) : ofAxis;
        double shift = (index - (series.size() - 1) / 2.0) * apart;
        return axis.scale() == Scale.LOGARITHMIC ? x(level) * Math.pow(10, shift) : x(level) + shift;
    }

    /** The mean of each level, with the interval of tables; absent if the metric is not finite in one of its runs. */
    private List<Mark> means(int index, Measure measure) {
        Map<Double, double[]> byLevel = new TreeMap<>();
        ofSeries(index)
                .forEach(run -> byLevel.merge(
                        shifted(index, design.level(run)),
                        new double[] {run.metric(measure.metric())},
                        (some, one) -> DoubleStream.concat(DoubleStream.of(some), DoubleStream.of(one))
                                .toArray()));
        return byLevel.entrySet().stream()
                .map(level -> Mark.at(level.getKey(), summary.interval(level.getValue(), measure.metric())))
                .filter(mark -> Double.isFinite(mark.y()))
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
