package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MinimaxTest {

    /** (x − centre)² + offset. */
    private static SmoothFunction parabola(double centre, double offset) {
        return x ->
                new SmoothFunction.At((x[0] - centre) * (x[0] - centre) + offset, new double[] {2 * (x[0] - centre)});
    }

    @Test
    void two_parabolas_of_equal_depth_have_their_minimax_in_the_middle() {
        Minimax.Saddle saddle = Minimax.minimise(parabola(-1, 0), parabola(3, 0), new double[] {0});
        assertThat(saddle.point()[0]).isEqualTo(1, within(1e-9));
        assertThat(saddle.weight()).isEqualTo(0.5, within(1e-9));
        assertThat(saddle.first()).isEqualTo(4, within(1e-8));
    }

    @Test
    void functions_of_unequal_depth_meet_where_they_are_equal() {
        // (x + 1)² = (x − 3)² + 4 at x = 1.5
        Minimax.Saddle saddle = Minimax.minimise(parabola(-1, 0), parabola(3, 4), new double[] {0});
        assertThat(saddle.point()[0]).isEqualTo(1.5, within(1e-9));
        assertThat(saddle.first()).isEqualTo(saddle.second(), within(1e-8));
    }

    @Test
    void where_one_function_is_larger_everywhere_near_its_minimum_that_minimum_is_the_minimax() {
        assertThat(Minimax.minimise(parabola(-1, 0), parabola(3, 100), new double[] {0})
                        .point()[0])
                .isEqualTo(3, within(1e-9));
        assertThat(Minimax.minimise(parabola(-1, 100), parabola(3, 0), new double[] {0})
                        .point()[0])
                .isEqualTo(-1, within(1e-9));
    }
}
