package dpo.report.figure;

import dpo.harness.config.SettingValue;
import dpo.report.results.Results;
import dpo.report.results.Run;
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
    private final List<Run> runs;
    private final List<String> series;
    private final List<SettingValue> levels;

    FactorPlot(Results results, Design design) {
        this.design = design;
        runs = results.runs().stream()
                .filter(run -> run.status().equals("completed") && design.hasFactor(run))
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
                        ? " Lines: mean over seeds; bars: one sample standard deviation to either side; dots: single seeds."
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
        return runs.stream().anyMatch(run -> Double.isFinite(value(run, metric)));
    }

    private static double value(Run run, String metric) {
        return run.result().getOrDefault(metric, Double.NaN);
    }

    private Panel panel(Measure measure) {
        List<Double> values =
                runs.stream().map(run -> value(run, measure.metric())).toList();
        Scale scale = Axis.scaleFor(values.stream().mapToDouble(value -> value));
        List<List<Mark>> seeds = IntStream.range(0, series.size())
                .mapToObj(i -> seeds(i, measure))
                .toList();
        List<List<Mark>> means = seeds.stream().map(FactorPlot::means).toList();
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

    /** The runs of the {@code index}-th series with a finite metric, by level. */
    private List<Mark> seeds(int index, Measure measure) {
        Axis x = xAxis();
        double ofAxis = Math.min(APART, ALL_WITHIN / series.size()) * x.length();
        double apart = isEven() ? Math.min(ofAxis, 0.8 / series.size()) : ofAxis;
        double shift = (index - (series.size() - 1) / 2.0) * apart;
        return runs.stream()
                .filter(run -> design.series(run).equals(series.get(index)))
                .filter(run -> Double.isFinite(value(run, measure.metric())))
                .map(run -> Mark.at(shifted(x.scale(), x(design.level(run)), shift), value(run, measure.metric())))
                .toList();
    }

    private static double shifted(Scale scale, double level, double shift) {
        return scale == Scale.LOGARITHMIC ? level * Math.pow(10, shift) : level + shift;
    }

    private static List<Mark> means(List<Mark> seeds) {
        Map<Double, List<Mark>> byLevel = new TreeMap<>();
        seeds.forEach(seed ->
                byLevel.computeIfAbsent(seed.x(), key -> new ArrayList<>()).add(seed));
        return byLevel.values().stream().map(Mark::meanOf).toList();
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
