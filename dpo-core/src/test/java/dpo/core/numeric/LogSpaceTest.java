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
    void log_sum_exp_is_exact_if_the_exponentials_overflow_or_vanish() {
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

    /** Expected values from 60-digit arithmetic. */
    @ParameterizedTest
    @CsvSource({
        "-1e-20, 46.051701859880914, 1.0e+20",
        "-1e-9, 20.723265836446411, 1000000000.4999999378",
        "-0.1, 2.2521684610440908, 10.508331944775049",
        "-0.6931471805599453, 4.6380936276925993e-17, 2.0",
        "-1, -0.5413248546129181, 1.5819767068693264",
        "-5, -4.993239250550511, 1.0067836549063042",
        "-700, -700.0, 1.0"
    })
    void the_logit_of_an_exponential_and_its_slope_are_exact_to_rounding(double x, double logit, double slope) {
        assertThat(LogSpace.logitOfExp(x)).isCloseTo(logit, within(4e-16 * Math.max(1, Math.abs(logit))));
        assertThat(LogSpace.logitOfExpSlope(x)).isCloseTo(slope, within(4e-16 * slope));
    }

    @Test
    void the_logit_of_an_exponential_ends_at_80_and_has_its_limits() {
        assertThat(LogSpace.logitOfExp(0)).isCloseTo(80, within(1e-13));
        assertThat(LogSpace.logitOfExp(1e-3)).isEqualTo(LogSpace.logitOfExp(0));
        assertThat(LogSpace.logitOfExpSlope(0)).isCloseTo(Math.exp(80), within(1e-15 * Math.exp(80)));
        assertThat(LogSpace.logitOfExp(-1e5)).isEqualTo(-1e5);
        assertThat(LogSpace.logitOfExpSlope(-1e5)).isEqualTo(1);
        assertThat(LogSpace.logitOfExp(Double.NaN)).isNaN();
        assertThat(LogSpace.logitOfExpSlope(Double.NaN)).isNaN();
    }

    /** Expected values from 60-digit arithmetic. */
    @ParameterizedTest
    @CsvSource({
        "0.5, -2, 0.70899935486750223",
        "3, 1, 0.16982258958934721",
        "-30, 2, 2.1269280110398845",
        "40, -40, 40",
        "1e4, 1e4, 0",
        "1e4, -1e5, 1e5"
    })
    void the_kl_of_bernoullis_is_exact_by_their_logits(double x, double y, double kl) {
        assertThat(LogSpace.bernoulliKl(x, y)).isCloseTo(kl, within(1e-15 * Math.max(1, kl)));
        assertThat(LogSpace.bernoulliKl(-x, -y)).isEqualTo(LogSpace.bernoulliKl(x, y));
    }

    @Test
    void exponentials_are_replaced_by_their_tangent_above_80() {
        double e80 = Math.exp(80);
        assertThat(LogSpace.expThenTangent(-2.5)).isEqualTo(Math.exp(-2.5));
        assertThat(LogSpace.expThenTangent(-400)).isEqualTo(Math.exp(-400));
        assertThat(LogSpace.expThenTangent(80)).isEqualTo(e80);
        assertThat(LogSpace.expThenTangent(81)).isCloseTo(2 * e80, within(1e-15 * e80));
        assertThat(LogSpace.expThenTangent(1e5)).isCloseTo(99921 * e80, within(1e-10 * e80));
        assertThat(LogSpace.expm1UpToTangent(1e-20)).isEqualTo(1e-20);
        assertThat(LogSpace.expm1UpToTangent(80)).isEqualTo(Math.expm1(80));
        assertThat(LogSpace.expm1UpToTangent(83)).isCloseTo(4 * e80, within(1e-15 * e80));
        assertThat(LogSpace.expUpToTangent(79.5)).isEqualTo(Math.exp(79.5));
        assertThat(LogSpace.expUpToTangent(81)).isEqualTo(e80);
        assertThat(LogSpace.expThenTangent(Double.NaN)).isNaN();
        assertThat(LogSpace.expm1UpToTangent(Double.NaN)).isNaN();
        assertThat(LogSpace.expUpToTangent(Double.NaN)).isNaN();
    }
}
