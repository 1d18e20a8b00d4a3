package dpo.report.figure;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One axis of a panel.
 *
 * @param label the quantity with its unit
 * @param scale the mapping from values to positions
 * @param low the first value shown
 * @param high the last value shown
 * @param ticks the ticks, in order
 */
record Axis(String label, Scale scale, double low, double high, List<Tick> ticks) {

    /** A tick: a value and its label. */
    record Tick(double value, String text) {}

    /** The margin on either side of the values, as a share of their range. */
    private static final double MARGIN = 0.05;

    /** Larger values are drawn at the end of the axis, so that its length is finite. */
    private static final double LARGEST = Double.MAX_VALUE / 4;

    /** An axis over all finite {@code values}, with a margin; over [0, 1] if there are none. */
    static Axis over(String label, Scale scale, DoubleStream values) {
        double[] finite = values.filter(Double::isFinite)
                .map(value -> Math.max(-LARGEST, Math.min(value, LARGEST)))
                .toArray();
        double low = DoubleStream.of(finite).min().orElse(0);
        double high = DoubleStream.of(finite).max().orElse(1);
        if (scale == Scale.LINEAR) {
            double room = high > low ? MARGIN * (high - low) : Math.max(Math.abs(high) * MARGIN, 1e-6);
            return of(label, scale, low - room, high + room);
        }
        if (scale == Scale.SQUARE_ROOT) {
            double end = high > 0 ? high * (1 + 2 * MARGIN) : 1;
            // Half a margin left of zero, so that a mark at zero is fully visible.
            return of(label, scale, -end * MARGIN * MARGIN / 4, end);
        }
        double least = Math.max(low, Double.MIN_NORMAL);
        double most = Math.max(high, least);
        double room = most > least ? Math.pow(most / least, MARGIN) : 1.5;
        return of(label, scale, Math.max(least / room, Double.MIN_NORMAL), Math.min(most * room, Double.MAX_VALUE));
    }

    /** An axis from {@code low} to {@code high}. */
    static Axis of(String label, Scale scale, double low, double high) {
        return new Axis(
                label,
                scale,
                low,
                high,
                scale.ticks(low, high).stream()
                        .map(value -> new Tick(value, Style.number(value)))
                        .toList());
    }

    /** This axis with other ticks, of which it has those between its ends. */
    Axis markedAt(List<Tick> marks) {
        return new Axis(
                label,
                scale,
                low,
                high,
                marks.stream()
                        .filter(tick -> low <= tick.value() && tick.value() <= high)
                        .toList());
    }

    /** The nearest value on the axis. */
    double clamped(double value) {
        return Math.min(Math.max(value, low), high);
    }

    /** This axis without its label, for panels beside a labelled one. */
    Axis unlabelled() {
        return new Axis("", scale, low, high, ticks);
    }

    double position(double value) {
        return scale.position(value);
    }

    /** The axis's length in {@link #position} units. */
    double length() {
        return position(high) - position(low);
    }

    /** Logarithmic if all values are positive and span a factor of at least thirty; otherwise linear. */
    static Scale scaleFor(DoubleStream values) {
        double[] finite = values.filter(Double::isFinite)
                .map(value -> Math.max(-LARGEST, Math.min(value, LARGEST)))
                .toArray();
        double low = DoubleStream.of(finite).min().orElse(0);
        double high = DoubleStream.of(finite).max().orElse(0);
        return low > 0 && high / low >= 30 ? Scale.LOGARITHMIC : Scale.LINEAR;
    }
}
