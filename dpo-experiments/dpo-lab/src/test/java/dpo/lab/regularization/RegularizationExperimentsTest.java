package dpo.lab.regularization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.ConfigException;
import dpo.lab.Measured;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers computed outside of this library: at the default settings, and at others by another algorithm. */
class RegularizationExperimentsTest {

    @Test
    void the_sft_term_moves_the_optimum_towards_its_data() {
        Measured measured = Measured.of(SftTerm.class, Map.of());
        assertThat(measured.number("without_sft")).isCloseTo(.9999546, within(1e-7));
        assertThat(measured.number("probability")).isCloseTo(.7088305, within(1e-7));
        assertThat(measured.number("chosen_side")).isCloseTo(.9057787, within(1e-7));
        assertThat(Measured.of(SftTerm.class, Map.of("target", "0.7310585786300049"))
                        .number("probability"))
                .isCloseTo(.9057787, within(1e-7));
    }

    /** By minimising the loss of two answers directly. */
    @Test
    void the_sft_term_at_other_settings() {
        Measured measured = Measured.of(
                SftTerm.class, Map.of("reward_gap", "-1.5", "beta", "0.4", "weight", "0.8", "target", "0.9"));
        assertThat(measured.number("probability")).isCloseTo(0.69938990, within(1e-7));
        assertThat(measured.number("chosen_side")).isCloseTo(0.11879283, within(1e-7));
    }

    @Test
    void without_weight_the_optimum_is_that_of_dpo() {
        Measured measured = Measured.of(SftTerm.class, Map.of("weight", "0", "beta", "0.5"));
        assertThat(measured.number("probability")).isCloseTo(1 / (1 + Math.exp(-2)), within(1e-12));
        assertThat(measured.number("regret")).isCloseTo(0, within(1e-12));
    }

    @Test
    void the_expected_length_falls_with_the_penalty() {
        Measured measured = Measured.of(LengthPenalty.class, Map.of());
        double[] expected = {6.331415756340, 4.883753000008, 3.440045585925, 1.713602637603, 1.236143107196};
        for (int i = 0; i < expected.length; i++) {
            assertThat(measured.list("expected_length").get(i)).isCloseTo(expected[i], within(1e-9));
        }
        Measured other = Measured.of(
                LengthPenalty.class,
                Map.of(
                        "reference", "[1, 1, 2]",
                        "rewards", "[1, 0, 2]",
                        "lengths", "[5, 1, 3]",
                        "alphas", "[0.7]",
                        "beta", "1.5"));
        assertThat(other.list("expected_length").get(0)).isCloseTo(2.673824366932, within(1e-9));
        assertThat(other.list("expected_reward").get(0)).isCloseTo(1.462945576812, within(1e-9));
    }

    @Test
    void impossible_settings_are_refused() {
        assertThatThrownBy(() -> Measured.of(SftTerm.class, Map.of("target", "1.5")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("target must be in [0.0, 1.0], got 1.5");
        assertThatThrownBy(() -> Measured.of(LengthPenalty.class, Map.of("lengths", "[1, 2, 0, 4]")))
                .hasMessageContaining("lengths must be at least 1");
        assertThatThrownBy(() -> Measured.of(LengthPenalty.class, Map.of("alphas", "[-1]")))
                .hasMessageContaining("alphas must hold at least one number");
    }
}
