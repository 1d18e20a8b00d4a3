package dpo.core.backend;

import java.util.Arrays;
import java.util.Optional;

/**
 * The range of {@code estimate / measured peak - 1} over measurements that the estimate was not fitted to.
 *
 * @param lowest below 0 if a peak exceeded its estimate
 * @param highest above 0 if an estimate exceeded its peak
 * @param measurements how many peaks were measured
 */
public record EstimateError(double lowest, double highest, int measurements) {

    /** The range of some errors; empty if there are none. */
    public static Optional<EstimateError> of(double... errors) {
        return errors.length == 0
                ? Optional.empty()
                : Optional.of(new EstimateError(
                        Arrays.stream(errors).min().orElseThrow(),
                        Arrays.stream(errors).max().orElseThrow(),
                        errors.length));
    }

    /** The range that includes both. */
    EstimateError widest(EstimateError other) {
        return new EstimateError(
                Math.min(lowest, other.lowest),
                Math.max(highest, other.highest),
                Math.max(measurements, other.measurements));
    }
}
