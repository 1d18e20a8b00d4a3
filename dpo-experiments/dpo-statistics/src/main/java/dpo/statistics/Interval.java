package dpo.statistics;

/**
 * An estimate with an interval.
 *
 * @param estimate the estimate
 * @param low the lower end; NaN if there is no interval
 * @param high the upper end; NaN if there is no interval
 * @param n number of independent observations: seeds, pairs, clusters or worlds
 */
public record Interval(double estimate, double low, double high, int n) {

    /** estimate ± halfWidth. */
    static Interval symmetric(double estimate, double halfWidth, int n) {
        return new Interval(estimate, estimate - halfWidth, estimate + halfWidth, n);
    }

    /** An estimate without an interval. */
    public static Interval without(double estimate, int n) {
        return new Interval(estimate, Double.NaN, Double.NaN, n);
    }

    /** Whether there is an interval. */
    public boolean isKnown() {
        return !Double.isNaN(low) && !Double.isNaN(high);
    }

    /** Whether a value lies within the interval. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
