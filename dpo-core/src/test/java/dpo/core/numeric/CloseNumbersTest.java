package dpo.core.numeric;

import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CloseNumbersTest {

    private static final double INFINITE = Double.POSITIVE_INFINITY;

    @Test
    void numbers_may_differ_by_the_tolerance_and_nan_and_infinity_equal_themselves() {
        assertAllClose(
                "numbers", new double[] {1, Double.NaN, INFINITE}, new double[] {1.5, Double.NaN, INFINITE}, 0.5);
        assertAllClose("numbers", new double[0], new double[0], 0);
    }

    @Test
    void a_failure_has_the_largest_difference_with_its_index_both_numbers_and_the_tolerance() {
        assertThatThrownBy(() -> assertAllClose("gradient", new double[] {1, 2, 4}, new double[] {2, 4, 5}, 0.5))
                .isInstanceOf(AssertionError.class)
                .hasMessage("gradient must be within 0.5, got 2.0 for 4.0 at index 1 of 3 (the largest difference)");
    }

    @Test
    void nan_for_a_number_and_another_length_fail() {
        assertThatThrownBy(() -> assertAllClose("gradient", new double[] {9, Double.NaN}, new double[] {0, 0}, 100))
                .hasMessageContaining("got NaN for 0.0 at index 1 of 2");
        assertThatThrownBy(() -> assertAllClose("gradient", new double[1], new double[2], INFINITE))
                .hasMessageContaining("gradient");
    }
}
