package dpo.lab.estimation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Numbers of the default world that were computed outside of this library. */
class EstimationExperimentsIT {

    @Test
    void the_tabular_class_has_371_directions_with_the_published_constants() {
        Measured measured = Measured.of(TabularEfficiency.class, Map.of());
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(measured.outcome().statement()).startsWith("With 371 directions");
        // The published constants come from a sampled information matrix.
        double[] sampled = {6416, 2929, 1378, 528};
        for (int i = 0; i < sampled.length; i++) {
            assertThat(measured.list("dpo_constant").get(i)).isCloseTo(sampled[i], Percentage.withPercentage(1.2));
        }
        assertThat(measured.number("likelihood_ratio")).isBetween(360.0, 385.0);
        assertThat(measured.number("excess_loss")).isCloseTo(371 / (2 * 32768.0), Percentage.withPercentage(15));
        assertThat(measured.number("bayes_loss")).isCloseTo(.3488, within(.01));
    }

    @Test
    void most_of_1024_pairs_and_none_of_16384_are_separable() {
        Measured measured = Measured.of(SeparablePairs.class, Map.of());
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
        double[] published = {.77, .74, .78};
        // The first program has several solutions; by HiGHS .7715 or .7734, .7354 or .7373, .7773.
        for (int i = 0; i < published.length; i++) {
            assertThat(measured.list("one_program_share").get(i)).isCloseTo(published[i], within(.01));
        }
        // All separable pairs, by HiGHS.
        assertThat(measured.list("program_share")).isEqualTo(List.of(997 / 1024.0, 982 / 1024.0, 1010 / 1024.0));
        assertThat(measured.list("separable_share").subList(3, 6)).containsOnly(0.0);
    }

    @Test
    void the_true_reward_of_the_optimum_of_an_estimated_reward_rises_and_then_falls() {
        Measured three = Measured.of(OverOptimisation.class, Map.of("data_sets", "3"));
        assertThat(three.list("true_reward").get(4)).isCloseTo(8.86, within(.01));
        assertThat(three.list("kl").get(4)).isCloseTo(14.0, within(.06));
        assertThat(three.list("true_reward").get(9)).isCloseTo(7.97, within(.01));
        assertThat(three.list("kl").get(9)).isCloseTo(17.5, within(.06));
        Measured twenty = Measured.of(OverOptimisation.class, Map.of());
        assertThat(twenty.outcome().verdict()).isEqualTo(Verdict.FAILS);
        assertThat(twenty.list("rise").get(1)).isPositive();
        assertThat(twenty.list("fall").get(2)).isNegative();
    }
}
