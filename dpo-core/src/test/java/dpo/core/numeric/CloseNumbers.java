package dpo.core.numeric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/** Compares arrays of numbers; the message of a failure has the largest difference in place of both arrays. */
public final class CloseNumbers {

    private CloseNumbers() {}

    /**
     * Asserts that arrays have the same length and no two numbers differ by more than the tolerance.
     *
     * @param what the numbers, for the message
     */
    public static void assertAllClose(String what, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        int largest = 0;
        for (int i = 1; i < actual.length; i++) {
            largest = difference(actual[i], expected[i]) > difference(actual[largest], expected[largest]) ? i : largest;
        }
        if (actual.length > 0 && difference(actual[largest], expected[largest]) > tolerance) {
            fail(
                    "%s must be within %s, got %s for %s at index %d of %d (the largest difference)",
                    what, tolerance, actual[largest], expected[largest], largest, actual.length);
        }
    }

    /** The difference; infinite if only one of the numbers is NaN. */
    private static double difference(double one, double other) {
        if (Double.compare(one, other) == 0) {
            return 0;
        }
        double difference = Math.abs(one - other);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }
}
