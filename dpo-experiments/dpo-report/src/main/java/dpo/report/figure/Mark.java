package dpo.report.figure;

import dpo.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/**
 * A point of a panel with its spread, in the units of the axes.
 *
 * @param x position on the x axis
 * @param y position on the y axis
 * @param xLow lower end of the spread along x; equal to x without spread
 * @param xHigh upper end of the spread along x; equal to x without spread
 * @param yLow lower end of the spread along y; equal to y without spread
 * @param yHigh upper end of the spread along y; equal to y without spread
 */
record Mark(double x, double y, double xLow, double xHigh, double yLow, double yHigh) {

    /** A point without spread. */
    static Mark at(double x, double y) {
        return new Mark(x, y, x, x, y, y);
    }

    /** A point at x whose spread along y is an interval. */
    static Mark at(double x, Interval y) {
        return of(Interval.without(x, y.n()), y);
    }

    /** A point whose spread along each axis is an interval. */
    static Mark of(Interval x, Interval y) {
        return new Mark(
                x.estimate(),
                y.estimate(),
                x.isKnown() ? x.low() : x.estimate(),
                x.isKnown() ? x.high() : x.estimate(),
                y.isKnown() ? y.low() : y.estimate(),
                y.isKnown() ? y.high() : y.estimate());
    }

    /** The marks of a line up to an x, with an interpolated end point. */
    static List<Mark> upTo(double end, List<Mark> line) {
        List<Mark> shown = new ArrayList<>();
        for (Mark point : line) {
            if (point.x() > end) {
                if (!shown.isEmpty()) {
                    Mark last = shown.get(shown.size() - 1);
                    double share = (end - last.x()) / (point.x() - last.x());
                    shown.add(at(end, last.y() + share * (point.y() - last.y())));
                }
                break;
            }
            shown.add(point);
        }
        return shown;
    }
}
