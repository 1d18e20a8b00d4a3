package dpo.lab.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.ConfigException;
import dpo.lab.Experiment;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Numbers computed outside of this library: at the default settings, and at others by another algorithm. */
class SamplingExperimentsTest {

    private static final Map<String, String> FEW = Map.of("pairs", "100", "repetitions", "2");

    private static void assertNumbers(List<Double> actual, Offset<Double> relative, double... expected) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(i) / expected[i])
                    .as("number " + i + " of " + actual)
                    .isCloseTo(1, relative);
        }
    }

    @Test
    void regret_is_ten_thousand_over_n_where_the_reference_gives_the_best_answer_once_in_a_thousand() {
        Measured measured = Measured.of(Coverage.class, FEW);
        assertNumbers(measured.list("reference_constant"), within(5e-4), 14.08, 826, 10416);
        assertNumbers(measured.list("optimum_constant"), within(3e-3), 5.7, 35.7, 68.2);
    }

    /** With the pseudo-inverse of the Fisher information of all three rewards. */
    @Test
    void constants_at_another_reward_and_beta() {
        Measured measured = Measured.of(
                Coverage.class,
                Map.of(
                        "rare",
                        "[0.3, 0.02]",
                        "reward_gap",
                        "1.5",
                        "beta",
                        "0.4",
                        "pairs",
                        "5000",
                        "repetitions",
                        "100"));
        assertNumbers(measured.list("reference_constant"), within(1e-9), 0.79495412948995, 28.33818335589663);
        assertNumbers(measured.list("optimum_constant"), within(1e-9), 0.8237073694234756, 4.6569326805198585);
        assertThat(measured.number("simulated")).isCloseTo(0.795, within(0.3));
    }

    @Test
    void a_simulation_with_too_few_pairs_has_no_prediction() {
        Measured few = Measured.of(Coverage.class, Map.of("pairs", "2000", "repetitions", "20"));
        assertThat(few.outcome().quantities().get(2).isPredicted()).isFalse();
        assertThat(few.outcome().statement()).contains("Of 20 simulated data sets");
        assertThat(Measured.of(Coverage.class, FEW).outcome().quantities()).hasSize(2);
        assertRefused(Coverage.class, Map.of("rare", "[0.1, 1]"), "rare must hold at least one number, each in (0, 1)");
    }

    @Test
    void dpo_and_rlhf_choose_different_policies_of_one_parameter() {
        Measured uniform = Measured.of(RestrictedClass.class, Map.of());
        assertThat(uniform.number("rlhf_parameter")).isCloseTo(.3333, within(5e-5));
        assertThat(uniform.number("rlhf_regret")).isCloseTo(.2539440, within(1e-7));
        assertThat(uniform.number("dpo_parameter")).isCloseTo(.4260353, within(1e-7));
        assertThat(uniform.number("dpo_regret")).isCloseTo(.2579214, within(1e-7));
        Measured skewed = Measured.of(RestrictedClass.class, Map.of("sampling", "[0.8, 0.1, 0.1]"));
        assertThat(skewed.number("dpo_parameter")).isCloseTo(.7233957, within(1e-7));
        assertThat(skewed.number("dpo_regret")).isCloseTo(.3179811, within(1e-7));
    }

    /** By minimising over a grid of 240,001 parameters, and then within the best cell. */
    @Test
    void the_best_of_several_maxima_is_found_with_equal_features_and_answers_that_no_pair_has() {
        Measured measured = Measured.of(
                RestrictedClass.class,
                Map.of(
                        "rewards", "[1, -3, 2, 0.5]",
                        "features", "[0, 1, 1, -2]",
                        "sampling", "[0, 1, 2, 1]",
                        "beta", "0.2"));
        assertThat(measured.number("rlhf_parameter")).isCloseTo(-0.80109805, within(1e-7));
        assertThat(measured.number("rlhf_regret")).isCloseTo(1.3850775084538, within(1e-10));
        assertThat(measured.number("dpo_parameter")).isCloseTo(0.36694440, within(1e-7));
        assertThat(measured.number("dpo_regret")).isCloseTo(1.7855882630, within(1e-8));
    }

    @Test
    void a_class_that_holds_the_optimum_gives_both_the_optimum() {
        Measured measured = Measured.of(
                RestrictedClass.class, Map.of("rewards", "[0, 1, 2]", "features", "[1, 3, 5]", "beta", "0.05"));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
        assertThat(measured.number("rlhf_parameter")).isCloseTo(10, within(1e-9));
        assertThat(measured.number("dpo_regret")).isCloseTo(0, within(1e-12));
    }

    @Test
    void a_nearly_deterministic_optimum_is_found_to_rounding() {
        Measured measured = Measured.of(
                RestrictedClass.class, Map.of("rewards", "[10, 0, 9.5]", "features", "[-1, 0, 1]", "beta", "0.05"));
        assertThat(measured.number("rlhf_parameter")).isCloseTo(-200, within(1e-6));
    }

    @Test
    void impossible_settings_are_refused() {
        assertRefused(RestrictedClass.class, Map.of("features", "[1, 1, 1]"), "sampling must give pairs");
        assertRefused(RestrictedClass.class, Map.of("sampling", "[1, 0, 0]"), "sampling must give pairs");
        assertRefused(RestrictedClass.class, Map.of("rewards", "[1, 2]"), "rewards must hold 3 numbers");
        assertRefused(RestrictedClass.class, Map.of("beta", "0.001"), "beta must be so large that");
    }

    private static void assertRefused(Class<? extends Experiment> type, Map<String, String> settings, String message) {
        assertThatThrownBy(() -> Measured.of(type, settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }
}
