package dpo.report.figure;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.annotations.XYAnnotation;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.event.AnnotationChangeListener;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.XYPlot;

/** Many small marks as one path, which keeps the files of sweeps with thousands of runs small. */
record Dots(Color color, Axis x, Axis y, List<Mark> points) implements XYAnnotation {

    /** Half the width of a dot in pixels. */
    private static final double HALF = 2;

    @Override
    public void draw(
            Graphics2D graphics,
            XYPlot plot,
            Rectangle2D area,
            ValueAxis domain,
            ValueAxis range,
            int rendererIndex,
            PlotRenderingInfo info) {
        Path2D path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        for (Mark point : points) {
            double at = domain.valueToJava2D(x.position(point.x()), area, plot.getDomainAxisEdge());
            double height = range.valueToJava2D(y.position(point.y()), area, plot.getRangeAxisEdge());
            if (area.contains(at, height)) {
                path.moveTo(at - HALF, height);
                path.lineTo(at, height - HALF);
                path.lineTo(at + HALF, height);
                path.lineTo(at, height + HALF);
                path.closePath();
            }
        }
        graphics.setPaint(color);
        graphics.fill(path);
    }

    @Override
    public void addChangeListener(AnnotationChangeListener listener) {
        // Nothing changes.
    }

    @Override
    public void removeChangeListener(AnnotationChangeListener listener) {
        // There are none.
    }
}
