package dpo.report.figure;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/** An {@link Axis} for JFreeChart: a linear axis of positions with its own ticks. */
final class DrawnAxis extends NumberAxis {

    private final transient Axis axis;

    DrawnAxis(Axis axis) {
        super(axis.label().isEmpty() ? null : axis.label());
        this.axis = axis;
        setRange(axis.position(axis.low()), axis.position(axis.high()));
        setLabelFont(FigureFont.of(Style.TEXT));
        setTickLabelFont(FigureFont.of(Style.SMALL_TEXT));
        setLabelPaint(Style.INK);
        setTickLabelPaint(Style.INK);
        setAxisLinePaint(Style.INK);
        setTickMarkPaint(Style.INK);
    }

    @Override
    public List<NumberTick> refreshTicks(Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
        TextAnchor anchor = RectangleEdge.isTopOrBottom(edge) ? TextAnchor.TOP_CENTER : TextAnchor.CENTER_RIGHT;
        List<NumberTick> ticks = new ArrayList<>();
        for (Axis.Tick tick : axis.ticks()) {
            ticks.add(new NumberTick(axis.position(tick.value()), tick.text(), anchor, TextAnchor.CENTER, 0));
        }
        return ticks;
    }
}
