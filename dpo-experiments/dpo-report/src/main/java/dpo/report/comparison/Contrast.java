package dpo.report.comparison;

import dpo.harness.config.SettingValue;
import dpo.report.results.Replicates;
import dpo.report.results.Summary;
import dpo.statistics.Difference;
import dpo.statistics.Interval;
import java.util.List;
import java.util.SortedSet;

/**
 * A metric of one setting against that of another. Tables of one sweep and of two sweeps take it from here.
 *
 * <p>Runs of the same seed are paired; settings without a common seed are compared by Welch's test. Metrics on the
 * logarithmic scale ({@link Summary#isOnLogScale}) are compared by the ratio of their geometric means, all others by the
 * difference of means. There is neither if the metric is not finite, or on the logarithmic scale not positive, in a run.
 *
 * @param metric name of the metric
 * @param test name of the test
 * @param difference of the means on the scale of the comparison: of natural logarithms for a ratio
 */
public record Contrast(String metric, String test, Difference difference) {

    /** Compares over the common seeds, or without common seeds over all runs. */
    public static Contrast of(Replicates setting, Replicates base, String metric) {
        BySeed values = BySeed.of(setting, metric);
        BySeed others = BySeed.of(base, metric);
        SortedSet<SettingValue> common = BySeed.common(List.of(values, others));
        return common.isEmpty()
                ? new Contrast(metric, "Welch t", Difference.welch(values.all(), others.all()))
                : new Contrast(metric, "paired t", Difference.paired(values.of(common), others.of(common)));
    }

    /** The kind of {@link #estimate}: {@code ratio} or {@code difference}. */
    public String effect() {
        return Summary.isOnLogScale(metric) ? "ratio" : "difference";
    }

    /** The ratio of geometric means, setting / base, or the difference of means, setting − base, with its interval. */
    public Interval estimate() {
        Interval onScale = difference.interval();
        return Summary.isOnLogScale(metric)
                ? new Interval(
                        Math.exp(onScale.estimate()), Math.exp(onScale.low()), Math.exp(onScale.high()), onScale.n())
                : onScale;
    }

    /** Two-sided p-value of no difference; NaN without an interval. */
    public double p() {
        return difference.p();
    }
}
