package dpo.report.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisSpace;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.AbstractXYItemRenderer;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYDataset;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** A coordinate system of a figure. Later additions are drawn above earlier ones. */
final class Panel {

    /** Pixels to the left of and below the plotting area, equal in all panels so that they align. */
    private static final double LEFT = 66;

    private static final double BELOW = 46;

    /** The approximate pixels to the right of and above it. */
    private static final double RIGHT = 18;

    private static final double ABOVE = 26;

    static {
        // JFreeChart would draw rotated text as outlines, which cannot be searched, selected or edited.
        TextUtils.setUseDrawRotatedStringWorkaround(false);
    }

    private final String title;
    private final Axis x;
    private final Axis y;
    private final XYPlot plot = new XYPlot();
    private final PointLabels labels = new PointLabels();
    private final List<Dots> dots = new ArrayList<>();
    private int layers;

    Panel(String title, Axis x, Axis y) {
        this.title = title;
        this.x = x;
        this.y = y;
        plot.setDomainAxis(new DrawnAxis(x));
        plot.setRangeAxis(new DrawnAxis(y));
        plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinePaint(Style.GRID);
        plot.setRangeGridlineStroke(Style.THIN);
        plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
        plot.setInsets(new RectangleInsets(4, 0, 0, RIGHT - 4));
        AxisSpace left = new AxisSpace();
        left.setLeft(LEFT);
        plot.setFixedRangeAxisSpace(left);
        AxisSpace below = new AxisSpace();
        below.setBottom(BELOW);
        plot.setFixedDomainAxisSpace(below);
    }

    /** Adds a line through the points, in their order. */
    void line(Color color, BasicStroke stroke, List<Mark> points) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setSeriesStroke(0, stroke);
        renderer.setDrawSeriesLineAsPath(true);
        labels.avoid(points);
        add(renderer, color, points);
    }

    /** Adds marks at the points. */
    void marks(Color color, Shape shape, List<Mark> points) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
        renderer.setSeriesShape(0, shape);
        renderer.setDrawOutlines(false);
        add(renderer, color, points);
    }

    /** Adds a small dot at each point, below all lines and marks. */
    void dots(Color color, List<Mark> points) {
        dots.add(new Dots(color, x, y, points));
    }

    /** Adds bars over the points' spread, along x, along y, or both. */
    void errorBars(Color color, boolean alongX, List<Mark> points) {
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDefaultShapesVisible(false);
        renderer.setDrawXError(alongX);
        renderer.setCapLength(5);
        renderer.setErrorPaint(color);
        renderer.setErrorStroke(Style.THIN);
        add(renderer, color, points);
    }

    /** Adds a translucent band over the points' spread along y, cut at the ends of the axis. */
    void band(Color color, List<Mark> points) {
        DeviationRenderer renderer = new DeviationRenderer(false, false);
        renderer.setSeriesFillPaint(0, color);
        renderer.setAlpha(0.16f);
        YIntervalSeries series = new YIntervalSeries("");
        points.forEach(point -> series.add(
                x.position(point.x()),
                y.position(point.y()),
                y.position(y.clamped(point.yLow())),
                y.position(y.clamped(point.yHigh()))));
        YIntervalSeriesCollection data = new YIntervalSeriesCollection();
        data.addSeries(series);
        add(data, renderer);
    }

    /** Adds a label beside a point, if there is room. */
    void label(String text, Color color, Mark point) {
        labels.add(text, color, point);
    }

    private void add(AbstractXYItemRenderer renderer, Color color, List<Mark> points) {
        XYIntervalSeries series = new XYIntervalSeries("", false, true);
        points.forEach(point -> series.add(
                x.position(point.x()),
                x.position(point.xLow()),
                x.position(point.xHigh()),
                y.position(point.y()),
                y.position(point.yLow()),
                y.position(point.yHigh())));
        XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
        data.addSeries(series);
        renderer.setSeriesPaint(0, color);
        add(data, renderer);
    }

    private void add(XYDataset data, XYItemRenderer renderer) {
        plot.setDataset(layers, data);
        plot.setRenderer(layers, renderer);
        layers++;
    }

    void draw(Graphics2D graphics, Rectangle2D area) {
        JFreeChart chart = new JFreeChart(null, FigureFont.of(Style.TEXT), plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(2, 2, 2, 2));
        TextTitle heading = new TextTitle(title, FigureFont.of(Style.TEXT));
        heading.setPaint(Style.INK);
        heading.setPadding(2, LEFT, 4, 10);
        chart.setTitle(title.isEmpty() ? null : heading);
        plot.clearAnnotations();
        XYItemRenderer below = new XYLineAndShapeRenderer(false, false);
        dots.forEach(some -> below.addAnnotation(some, Layer.BACKGROUND));
        plot.setRenderer(layers, below);
        labels.place(x, y, area.getWidth() - LEFT - RIGHT, area.getHeight() - BELOW - ABOVE)
                .forEach(plot::addAnnotation);
        chart.draw(graphics, area);
    }
}
