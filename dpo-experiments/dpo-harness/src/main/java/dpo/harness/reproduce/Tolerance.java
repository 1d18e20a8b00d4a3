package dpo.harness.reproduce;

import dpo.core.InvalidInputException;
import java.util.regex.Pattern;

/**
 * How close two values of a metric must be. Counts must be equal. Shares of pairs, which jump when a pair is nearly
 * tied, may differ by 100·t. All other numbers a, b may differ by t·max(1, |a|, |b|).
 *
 * @param t at least 0; 1e-4 is generous for sums of log-probabilities in float32
 */
public record Tolerance(double t) {

    /** The tolerance of {@code dpo reproduce}. */
    public static final double DEFAULT = 1e-4;

    private static final double OF_SHARES = 100;
    private static final Pattern COUNT = Pattern.compile("step|steps|tokens|(.*/)?pairs|tokens[/.].*|turns\\..*");
    private static final Pattern SHARE = Pattern.compile(
            "(.*/)?(rewards/(accuracies|ties|calibration_error|calibration_error_floor)|chosen_log_prob_fell)");

    public Tolerance {
        if (!(t >= 0 && t <= Double.MAX_VALUE)) {
            throw new InvalidInputException("tolerance must be at least 0 and finite, got " + t);
        }
    }

    /** Whether two values are close enough. */
    boolean accepts(String metric, double a, double b) {
        return relative(metric, a, b) <= t;
    }

    /**
     * The difference as a multiple of what t = 1 allows, by which differences of several metrics are ordered; infinite
     * for counts, and if one value is not finite.
     */
    double relative(String metric, double a, double b) {
        if (a == b) {
            return 0;
        }
        if (COUNT.matcher(metric).matches() || !Double.isFinite(a - b)) {
            return Double.POSITIVE_INFINITY;
        }
        double scale = SHARE.matcher(metric).matches() ? OF_SHARES : Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
        return Math.abs(a - b) / scale;
    }

    @Override
    public String toString() {
        return "|a − b| ≤ " + t + "·max(1, |a|, |b|); shares of pairs " + OF_SHARES * t + "; counts equal";
    }
}
