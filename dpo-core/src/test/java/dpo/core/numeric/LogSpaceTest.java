package dpo.core.numeric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogSpaceTest {

    /** Expected values from 60-digit arithmetic. */
    @ParameterizedTest
    @CsvSource({
        "0.5, 0.6224593312018546, -0.4740769841801067",
        "1, 0.7310585786300049, -0.3132616875182228",
        "-3, 0.04742587317756678, -3.048587351573742",
        "1e-10, 0.500000000025, -0.6931471805099453",
        "36.5, 0.9999999999999999, -1.4068617124461467e-16",
        "40, 1.0, -4.248354255291589e-18",
        "-40, 4.248354255291589e-18, -40.0",
        "-700, 9.85967654375977e-305, -700.0"
    })
    void sigmoid_and_its_log_are_exact_to_rounding(double x, double sigmoid, double logSigmoid) {
        assertThat(LogSpace.sigmoid(x)).isCloseTo(sigmoid, within(4e-16 * sigmoid));
        assertThat(LogSpace.logSigmoid(x)).isCloseTo(logSigmoid, within(4e-16 * -logSigmoid));
    }

    @Test
    void sigmoid_and_its_log_have_their_limits() {
        assertThat(LogSpace.sigmoid(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(LogSpace.sigmoid(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(LogSpace.sigmoid(-1e5)).isZero();
        assertThat(LogSpace.sigmoid(1e5)).isEqualTo(1);
        assertThat(LogSpace.logSigmoid(-1e5)).isEqualTo(-1e5);
        assertThat(Math.abs(LogSpace.logSigmoid(1e5))).isZero();
        assertThat(LogSpace.logSigmoid(Double.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(LogSpace.sigmoid(Double.NaN)).isNaN();
        assertThat(LogSpace.logSigmoid(Double.NaN)).isNaN();
    }

    @Test
    void log_sum_exp_is_exact_where_the_exponentials_overflow_or_vanish() {
        assertThat(LogSpace.logSumExp(0.1, -2, 3.5)).isCloseTo(3.536775458066602, within(1e-15));
        assertThat(LogSpace.logSumExp(1000, 1001)).isCloseTo(1001.3132616875182, within(1e-12));
        assertThat(LogSpace.logSumExp(-1000, -1001)).isCloseTo(-999.6867383124818, within(1e-12));
        assertThat(LogSpace.logSumExp(Double.NEGATIVE_INFINITY, -5)).isEqualTo(-5);
    }

    @Test
    void log_sum_exp_has_its_limits() {
        double negative = Double.NEGATIVE_INFINITY;
        assertThat(LogSpace.logSumExp()).isEqualTo(negative);
        assertThat(LogSpace.logSumExp(negative, negative)).isEqualTo(negative);
        assertThat(LogSpace.logSumExp(1, Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(LogSpace.logSumExp(1, Double.NaN)).isNaN();
        assertThat(LogSpace.logSumExp(Double.POSITIVE_INFINITY, Double.NaN)).isNaN();
    }
}
