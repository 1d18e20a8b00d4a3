package dpo.lab.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.ConfigException;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers computed outside of this library, by BFGS and the simplex method over all trajectories. */
class TurnExperimentsTest {

    @Test
    void with_a_random_user_dpo_over_all_turns_misses_the_optimum() {
        Measured measured = Measured.of(RandomUser.class, Map.of());
        assertThat(measured.number("optimum_first_turn")).isCloseTo(0.86216345, within(1e-7));
        assertThat(measured.number("dpo_first_turn")).isCloseTo(0.7424308, within(1e-6));
        assertThat(measured.number("optimum_value")).isCloseTo(1.8949939674, within(1e-9));
        assertThat(measured.number("dpo_value")).isCloseTo(1.8648015, within(1e-6));
        Measured other = Measured.of(
                RandomUser.class,
                Map.of(
                        "reference", "[0.5, 0.2]",
                        "first_rewards", "[1, 0]",
                        "second_rewards", "[2, -1, 0, 1.5]",
                        "replies", "[0.9, 0.3]",
                        "beta", "0.3"));
        assertThat(other.number("optimum_first_turn")).isCloseTo(0.179828937, within(1e-7));
        assertThat(other.number("dpo_first_turn")).isCloseTo(0.182515821, within(1e-6));
        assertThat(other.number("optimum_value")).isCloseTo(1.9674669928, within(1e-9));
        assertThat(other.number("dpo_value")).isCloseTo(1.9658021, within(1e-6));
    }

    @Test
    void with_a_deterministic_user_or_replies_that_do_not_matter_it_finds_the_optimum() {
        for (Map<String, String> settings : List.of(
                Map.of("replies", "[0, 1]"),
                Map.of("replies", "[1, 1]"),
                Map.of("second_rewards", "[1, 2, 2, 1]", "reference", "[0.4, 0.5]"))) {
            Measured measured = Measured.of(RandomUser.class, settings);
            assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
            assertThat(measured.number("regret")).isCloseTo(0, within(1e-9));
        }
    }

    @Test
    void credit_to_the_last_turn_alone_loses_the_value_of_the_first() {
        Measured measured = Measured.of(TurnCredit.class, Map.of());
        assertThat(measured.number("all_turns_value")).isCloseTo(2.1022145072, within(1e-9));
        assertThat(measured.number("last_turn_value")).isCloseTo(1.47125098, within(1e-7));
        assertThat(measured.number("reference_value")).isCloseTo(1.34, within(1e-12));
        Measured other = Measured.of(
                TurnCredit.class, Map.of("first_rewards", "[1, 3]", "second_rewards", "[2, 0, -1, 1]", "beta", "2"));
        assertThat(other.number("all_turns_value")).isCloseTo(2.7190260903, within(1e-9));
        assertThat(other.number("last_turn_value")).isCloseTo(2.50799084, within(1e-7));
    }

    @Test
    void of_several_minima_of_the_last_turn_the_least_counts() {
        Measured measured = Measured.of(TurnCredit.class, Map.of("first_rewards", "[5, -5]", "beta", "0.1"));
        assertThat(measured.number("last_turn_value")).isCloseTo(1.9133775, within(1e-6));
    }

    @Test
    void credit_to_the_last_turn_suffices_where_the_first_does_not_matter() {
        Measured measured =
                Measured.of(TurnCredit.class, Map.of("first_rewards", "[0, 0]", "second_rewards", "[0, 1, 0, 1]"));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
    }

    @Test
    void impossible_settings_are_refused() {
        assertThatThrownBy(() -> Measured.of(RandomUser.class, Map.of("replies", "[0.5, 1.5]")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("replies must hold numbers in [0, 1]");
        assertThatThrownBy(() -> Measured.of(RandomUser.class, Map.of("reference", "[0, 0.5]")))
                .hasMessageContaining("reference must hold numbers in (0, 1)");
        assertThatThrownBy(() -> Measured.of(TurnCredit.class, Map.of("second_rewards", "[0, 1]")))
                .hasMessageContaining("second_rewards must hold 4 numbers");
    }
}
