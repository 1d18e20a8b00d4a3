package dpo.core.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TabularOptimizerTest {

    private final double[] weights = {2, -1};
    private final double[] gradient = {3, 4};

    @Test
    void two_steps_equal_those_computed_by_hand() {
        TabularOptimizer optimizer = optimizer(new AdamW(0, List.of(0.5, 0.75), 0.1, 0.2, Double.POSITIVE_INFINITY));
        assertThat(optimizer.step(0.5)).isEqualTo(5);
        // θ(1 − ηλ) = 1.8, −0.9; the corrected moments of a first step are g and g².
        assertClose(1.8 - 0.5 * 3 / 3.1, -0.9 - 0.5 * 4 / 4.1);
        double first = weights[0];
        gradient[0] = -1;
        optimizer.step(1);
        // m = (0.5·1.5 − 0.5)/0.75;  v = (0.75·2.25 + 0.25)/(1 − 0.75²)
        double mean = 0.25 / 0.75;
        double square = (0.75 * 2.25 + 0.25) / 0.4375;
        assertThat(weights[0]).isCloseTo(first * 0.8 - mean / (Math.sqrt(square) + 0.1), within(1e-15));
    }

    @Test
    void a_gradient_above_the_maximum_is_scaled_to_it_and_one_below_is_not() {
        AdamW clipped = new AdamW(0, List.of(0.0, 0.0), 1, 0, 2.5);
        assertThat(optimizer(clipped).step(1)).isEqualTo(5);
        double factor = 2.5 / (5 + 1e-6);
        assertClose(2 - 3 * factor / (3 * factor + 1), -1 - 4 * factor / (4 * factor + 1));
        gradient[1] = 0.5;
        weights[1] = 0;
        optimizer(clipped).step(1);
        assertThat(weights[1]).isEqualTo(-0.5 / 1.5);
    }

    @Test
    void a_step_without_a_finite_norm_changes_nothing_but_clears_the_gradient() {
        TabularOptimizer optimizer = optimizer(new AdamW(0, List.of(0.9, 0.999), 1e-8, 0.5, 1));
        gradient[1] = Double.POSITIVE_INFINITY;
        assertThat(optimizer.step(1)).isInfinite();
        assertThat(weights).containsExactly(2, -1);
        assertThat(gradient).containsExactly(0, 0);
        gradient[0] = 1;
        optimizer.step(1);
        assertThat(weights[0]).as("the first counted step").isCloseTo(2 * 0.5 - 1, within(1e-5));
    }

    @Test
    void only_the_weights_of_the_step_change() {
        Arrays.fill(gradient, 0);
        optimizer(new AdamW(0, List.of(0.9, 0.999), 1e-8, 0, 1)).step(1);
        assertThat(weights).containsExactly(2, -1);
    }

    private TabularOptimizer optimizer(AdamW settings) {
        return new TabularOptimizer(settings, weights, gradient, () -> {}, () -> {});
    }

    private void assertClose(double first, double second) {
        assertThat(weights).containsExactly(new double[] {first, second}, within(1e-14));
    }
}
