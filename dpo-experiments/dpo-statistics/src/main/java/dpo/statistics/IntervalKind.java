package dpo.statistics;

import java.util.Arrays;
import java.util.Locale;

/**
 * What an interval around the mean of a setting shows. None exists for fewer than two values, or if one of them is not
 * finite; a mean over a diverged seed is itself not finite.
 */
public enum IntervalKind {

    /** x̄ ± t(0.975, n − 1)·s/√n: covers the true mean in 95 % of repetitions, for normal values. */
    CI95("95 % confidence interval (t)", "95 % CI") {
        @Override
        Interval ofSeveral(double[] values) {
            return symmetric(values, StudentT.halfWidth(standardError(values), values.length - 1));
        }
    },

    /** x̄ ± s, s the sample standard deviation with divisor n − 1: the spread of the values. */
    SD("one sample standard deviation to either side", "SD") {
        @Override
        Interval ofSeveral(double[] values) {
            return symmetric(values, Math.sqrt(Sample.variance(values)));
        }
    },

    /** x̄ ± s/√n. */
    SEM("one standard error of the mean to either side", "SEM") {
        @Override
        Interval ofSeveral(double[] values) {
            return symmetric(values, standardError(values));
        }
    },

    /** From the smallest to the largest value. */
    RANGE("smallest to largest value", "range") {
        @Override
        Interval ofSeveral(double[] values) {
            return new Interval(
                    Sample.mean(values),
                    Arrays.stream(values).min().orElseThrow(),
                    Arrays.stream(values).max().orElseThrow(),
                    values.length);
        }
    };

    private final String description;
    private final String shortName;

    IntervalKind(String description, String shortName) {
        this.description = description;
        this.shortName = shortName;
    }

    /** The kind in words, for captions. */
    public String description() {
        return description;
    }

    /** The kind in a header of a table. */
    public String shortName() {
        return shortName;
    }

    /** The name in options and in names of columns. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mean of values with its interval. */
    public Interval of(double[] values) {
        boolean hasInterval = values.length > 1 && Arrays.stream(values).allMatch(Double::isFinite);
        return hasInterval ? ofSeveral(values) : Interval.without(Sample.mean(values), values.length);
    }

    /**
     * The geometric mean of positive values, with the interval of their logarithms, transformed back: for skewed
     * quantities such as KL divergences. Without an interval if a value is not positive; the estimate is then the
     * arithmetic mean.
     */
    public Interval onLogScale(double[] values) {
        if (!Arrays.stream(values).allMatch(value -> value > 0)) {
            return Interval.without(Sample.mean(values), values.length);
        }
        Interval logs = of(Sample.logs(values));
        return new Interval(Math.exp(logs.estimate()), Math.exp(logs.low()), Math.exp(logs.high()), logs.n());
    }

    /** The mean of at least two finite values with its interval. */
    abstract Interval ofSeveral(double[] values);

    private static Interval symmetric(double[] values, double halfWidth) {
        return Interval.symmetric(Sample.mean(values), halfWidth, values.length);
    }

    private static double standardError(double[] values) {
        return Math.sqrt(Sample.variance(values) / values.length);
    }
}
