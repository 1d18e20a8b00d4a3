package dpo.report.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class ScaleTest {

    @Test
    void linear_ticks_are_round_numbers_including_zero() {
        assertThat(Scale.LINEAR.ticks(-1, 2.6)).containsExactly(-1.0, 0.0, 1.0, 2.0);
        assertThat(Scale.LINEAR.ticks(0.61, 0.72)).hasSize(6).allSatisfy(tick -> assertThat(tick * 50)
                .isCloseTo(Math.rint(tick * 50), within(1e-9)));
    }

    @Test
    void square_root_ticks_are_evenly_spaced_squares() {
        assertThat(Scale.SQUARE_ROOT.ticks(0, 30)).containsExactly(0.0, 1.0, 4.0, 9.0, 16.0, 25.0);
        assertThat(Scale.SQUARE_ROOT.position(-4)).isEqualTo(-2);
    }

    @Test
    void logarithmic_ticks_are_decades_if_there_are_many() {
        assertThat(Scale.LOGARITHMIC.ticks(0.05, 20)).containsExactly(0.1, 0.3, 1.0, 3.0, 10.0);
        assertThat(Scale.LOGARITHMIC.ticks(1e-9, 1e9)).hasSizeBetween(4, 10);
    }

    @Test
    void every_axis_shows_all_its_values_and_has_two_to_ten_ticks() {
        Random random = new Random(5);
        for (int trial = 0; trial < 2000; trial++) {
            double size = Math.pow(10, random.nextInt(13) - 6);
            double[] values = random.doubles(1 + random.nextInt(4))
                    .map(value -> value * size)
                    .toArray();
            for (Scale scale : Scale.values()) {
                Axis axis = Axis.over("x", scale, DoubleStream.of(values));
                assertThat(axis.ticks()).hasSizeBetween(1, 10).allSatisfy(tick -> assertThat(tick.value())
                        .isBetween(axis.low() - 1e-12, axis.high() * (1 + 1e-9)));
                assertThat(DoubleStream.of(values)).allMatch(value -> axis.low() <= value && value <= axis.high());
                assertThat(axis.length()).isPositive().isFinite();
            }
        }
    }

    @Test
    void an_axis_without_finite_values_has_a_range() {
        assertThat(Axis.over("x", Scale.LINEAR, DoubleStream.of(Double.NaN)).length())
                .isPositive();
        assertThat(Axis.over("x", Scale.SQUARE_ROOT, DoubleStream.of(0)).length())
                .isPositive();
    }

    @Test
    void an_axis_is_logarithmic_only_for_positive_values_over_orders_of_magnitude() {
        assertThat(Axis.scaleFor(DoubleStream.of(0.1, 30, Double.NaN))).isEqualTo(Scale.LOGARITHMIC);
        assertThat(Axis.scaleFor(DoubleStream.of(0.1, 1))).isEqualTo(Scale.LINEAR);
        assertThat(Axis.scaleFor(DoubleStream.of(0, 30))).isEqualTo(Scale.LINEAR);
    }

    @Test
    void an_axis_over_any_finite_values_has_finite_ends_and_few_ticks() {
        double[][] ranges = {
            {0.05, 1e300},
            {0.05, Double.MAX_VALUE},
            {Double.MIN_VALUE, 1},
            {Double.MIN_VALUE, Double.MAX_VALUE},
            {-Double.MAX_VALUE, Double.MAX_VALUE},
            {Double.MAX_VALUE, Double.MAX_VALUE},
            {Double.MIN_VALUE, Double.MIN_VALUE},
            {Double.MIN_VALUE, 2 * Double.MIN_VALUE}
        };
        for (double[] range : ranges) {
            for (Scale scale : Scale.values()) {
                if (scale == Scale.LINEAR || range[0] > 0) {
                    Axis axis = Axis.over("", scale, DoubleStream.of(range));
                    assertThat(axis.position(axis.high()) - axis.position(axis.low()))
                            .isFinite()
                            .isPositive();
                    assertThat(axis.ticks()).hasSizeLessThan(30);
                }
            }
        }
    }
}
