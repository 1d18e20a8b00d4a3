package dpo.report.figure;

import dpo.report.settings.FigureSettings;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * A figure of any series of points: one panel, one colour per series.
 *
 * @param name name of the figure's files: lower-case letters, digits and hyphens
 * @param caption what the figure shows, in plain text
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param series the series, in the order of the legend
 */
public record Plot(String name, String caption, PlotAxis x, PlotAxis y, List<PlotSeries> series) {

    /** How values become positions. */
    public enum PlotScale {
        /** By the value. */
        LINEAR(Scale.LINEAR),
        /** By the square root; for values from 0 up. */
        SQUARE_ROOT(Scale.SQUARE_ROOT),
        /** By the logarithm; for positive values. */
        LOGARITHMIC(Scale.LOGARITHMIC);

        private final Scale scale;

        PlotScale(Scale scale) {
            this.scale = scale;
        }
    }

    /** How a series is drawn. */
    public enum PlotStyle {
        /** A line through the points. */
        LINE,
        /** A dashed line, for predictions and bounds. */
        DASHED,
        /** A mark at each point. */
        MARKS
    }

    /**
     * An axis.
     *
     * @param label the quantity with its unit
     */
    public record PlotAxis(String label, PlotScale scale) {}

    /**
     * A point, with its interval along y.
     *
     * @param low lower end of the interval; y without one
     * @param high upper end of the interval; y without one
     */
    public record PlotPoint(double x, double y, double low, double high) {

        /** A point without an interval. */
        public static PlotPoint at(double x, double y) {
            return new PlotPoint(x, y, y, y);
        }
    }

    /**
     * A series.
     *
     * @param label its name in the legend
     */
    public record PlotSeries(String label, PlotStyle style, List<PlotPoint> points) {

        public PlotSeries {
            points = List.copyOf(points);
        }

        /** A series of points without intervals. */
        public static PlotSeries of(String label, PlotStyle style, double[] x, double[] y) {
            List<PlotPoint> points = new ArrayList<>();
            for (int i = 0; i < x.length; i++) {
                points.add(PlotPoint.at(x[i], y[i]));
            }
            return new PlotSeries(label, style, points);
        }
    }

    public Plot {
        series = List.copyOf(series);
    }

    /** The drawn figure. Points that are not finite are left out. */
    public Figure figure() {
        Axis across = Axis.over(x.label(), x.scale().scale, all().mapToDouble(PlotPoint::x));
        Axis up = Axis.over(
                y.label(),
                y.scale().scale,
                all().flatMapToDouble(point -> DoubleStream.of(point.y(), point.low(), point.high())));
        Panel panel = new Panel("", across, up);
        List<Legend.Entry> legend = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            Color color = Style.category(i, series.size());
            draw(panel, series.get(i), color, i);
            legend.add(entry(series.get(i), color, i));
        }
        FigureSettings settings = new FigureSettings(
                Optional.empty(),
                Collections.emptyMap(),
                Optional.empty(),
                Optional.empty(),
                9.75,
                192,
                List.of(FigureSettings.FigureFormat.values()));
        return new Figure(name, caption, 1, List.of(panel), new Legend(legend), settings);
    }

    private java.util.stream.Stream<PlotPoint> all() {
        return series.stream().flatMap(each -> each.points().stream()).filter(Plot::isFinite);
    }

    private static boolean isFinite(PlotPoint point) {
        return Double.isFinite(point.x()) && Double.isFinite(point.y());
    }

    private static void draw(Panel panel, PlotSeries series, Color color, int index) {
        List<Mark> marks = series.points().stream()
                .filter(Plot::isFinite)
                .map(point -> new Mark(point.x(), point.y(), point.x(), point.x(), point.low(), point.high()))
                .toList();
        boolean hasIntervals = series.points().stream().anyMatch(point -> point.low() < point.high());
        if (series.style() == PlotStyle.MARKS) {
            if (hasIntervals) {
                panel.errorBars(color, false, marks);
            }
            panel.marks(color, Style.marker(index, MARK), marks);
            return;
        }
        if (hasIntervals) {
            panel.band(color, marks);
        }
        panel.line(color, stroke(series.style()), marks);
    }

    private static final double MARK = 8;

    private static BasicStroke stroke(PlotStyle style) {
        return style == PlotStyle.DASHED ? Style.dashed(1.8f) : Style.LINE;
    }

    private static Legend.Entry entry(PlotSeries series, Color color, int index) {
        return series.style() == PlotStyle.MARKS
                ? new Legend.Entry(series.label(), color, Style.THIN, Style.marker(index, MARK))
                : new Legend.Entry(series.label(), color, stroke(series.style()), new Ellipse2D.Double());
    }
}
