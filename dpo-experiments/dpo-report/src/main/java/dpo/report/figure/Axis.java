package dpo.report.figure;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One axis of a panel.
 *
 * @param label what is measured, with its unit
 * @param scale how values become positions
 * @param low the first value shown
 * @param high the last value shown
 * @param ticks the values that are marked, in order
 */
record Axis(String label, Scale scale, double low, double high, List<Tick> ticks) {

    /** A marked value and what stands there. */
    record Tick(double value, String text) {}

    /** The share of its length that an axis is longer than the values need, on either side. */
    private static final double MARGIN = 0.05;

    /** Values beyond it are drawn at the end, so that the length of an axis is finite. */
    private static final double LARGEST = Double.MAX_VALUE / 4;

    /** An axis over all finite {@code values}, with some room; over [0, 1] where there are none. */
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
            // Half a margin of the length, left of zero: a mark at zero is seen whole.
            return of(label, scale, -end * MARGIN * MARGIN / 4, end);
        }
        double least = Math.max(low, Double.MIN_NORMAL);
        double most = Math.max(high, least);
        double room = most > least ? Math.pow(most / least, MARGIN) : 1.5;
        return of(label, scale, Math.max(least / room, Double.MIN_NORMAL), Math.min(most * room, Double.MAX_VALUE));
    }

    /** An axis from {@code low} to {@code high}. */
    static Axis of(String label, Scale scale, double low, double high) {
        return new Axis(label, scale, low, high, scale.ticks(low, high).stream()
                .map(value -> new Tick(value, Style.number(value)))
                .toList());
    }

    /** The same axis with marks at these values. */
    Axis markedAt(List<Tick> marks) {
        return new Axis(label, scale, low, high, List.copyOf(marks));
    }

    /** The same axis without its label, for panels that stand beside a labelled one. */
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

    /** Logarithmic where all values are positive and span a factor of thirty or more; otherwise linear. */
    static Scale scaleFor(DoubleStream values) {
        double[] finite = values.filter(Double::isFinite)
                .map(value -> Math.max(-LARGEST, Math.min(value, LARGEST)))
                .toArray();
        double low = DoubleStream.of(finite).min().orElse(0);
        double high = DoubleStream.of(finite).max().orElse(0);
        return low > 0 && high / low >= 30 ? Scale.LOGARITHMIC : Scale.LINEAR;
    }
}
