package dpo.report.figure;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** The mapping from values to positions along an axis, and the choice of ticks. */
enum Scale {
    LINEAR {
        @Override
        double position(double value) {
            return value;
        }

        @Override
        List<Double> ticks(double low, double high) {
            double step = niceAtLeast((high - low) / MOST_STEPS);
            return multiples(step, low, high);
        }
    },

    /** Spreads small values and includes zero. */
    SQUARE_ROOT {
        @Override
        double position(double value) {
            return Math.copySign(Math.sqrt(Math.abs(value)), value);
        }

        @Override
        List<Double> ticks(double low, double high) {
            // u·{0, 1, 4, 9, …}: evenly spaced marks.
            double unit = niceAtLeast(high / (MOST_STEPS * MOST_STEPS));
            List<Double> ticks = new ArrayList<>();
            for (int i = 0; unit * i * i <= high * (1 + 1e-9); i++) {
                if (unit * i * i >= low) {
                    ticks.add(unit * i * i);
                }
            }
            return ticks;
        }
    },

    /** For positive values over several orders of magnitude. */
    LOGARITHMIC {
        @Override
        double position(double value) {
            return Math.log10(Math.max(value, Double.MIN_NORMAL));
        }

        @Override
        List<Double> ticks(double low, double high) {
            if (high < 10 * low) {
                return LINEAR.ticks(low, high);
            }
            int decades = (int) Math.ceil(Math.log10(high) - Math.log10(low));
            int stride = Math.max(1, decades / MOST_STEPS);
            List<Double> ticks = new ArrayList<>();
            for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power += stride) {
                for (double factor : decades <= 3 ? new double[] {1, 3} : new double[] {1}) {
                    double tick =
                            BigDecimal.valueOf(factor).scaleByPowerOfTen(power).doubleValue();
                    if (tick >= low && tick <= high) {
                        ticks.add(tick);
                    }
                }
            }
            return ticks;
        }
    };

    private static final int MOST_STEPS = 6;

    /** The position of a value, on an arbitrary linear scale. */
    abstract double position(double value);

    /** The ticks between {@code low} and {@code high}. */
    abstract List<Double> ticks(double low, double high);

    private static List<Double> multiples(double step, double low, double high) {
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /** The smallest number of the form 1, 2 or 5 times a power of ten that is at least {@code size}. */
    private static double niceAtLeast(double size) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(size, Double.MIN_NORMAL))));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= size * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }
}
