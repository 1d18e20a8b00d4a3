package dpo.lab.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.harness.config.ConfigException;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers computed outside of this library, by minimising over the margin and by root finding. */
class OpposedGroupsTest {

    @Test
    void weighted_dpo_fits_the_mean_label_and_the_minimax_of_opposed_losses_is_the_reference() {
        Measured measured = Measured.of(OpposedGroups.class, Map.of());
        assertThat(measured.number("weighted_margin")).isCloseTo(0.8341910767, within(1e-9));
        assertThat(measured.number("minimax_loss_margin")).isCloseTo(0, within(1e-9));
        assertThat(measured.number("minimax_regret_margin")).isCloseTo(0.4392892217, within(1e-9));
        assertThat(measured.list("worst_regret").get(0)).isCloseTo(0.7170488117, within(1e-8));
        assertThat(measured.list("worst_regret").get(1)).isCloseTo(0.8020153388, within(1e-8));
        assertThat(measured.list("worst_regret").get(2)).isCloseTo(0.4238372510, within(1e-8));
    }

    @Test
    void sources_that_agree_in_sign_have_the_minimax_loss_of_the_less_certain_one() {
        Measured measured = Measured.of(
                OpposedGroups.class,
                Map.of(
                        "weight", "0.25",
                        "first_gap", "3",
                        "second_gap", "1",
                        "reference_ratio", "0.3",
                        "beta", "0.2"));
        assertThat(measured.number("weighted_margin")).isCloseTo(1.3035835191, within(1e-9));
        assertThat(measured.number("minimax_loss_margin")).isCloseTo(1, within(1e-9));
        assertThat(measured.number("minimax_regret_margin")).isCloseTo(1.4606876872, within(1e-9));
        assertThat(measured.list("worst_regret").get(2)).isCloseTo(0.000270455194, within(1e-10));
    }

    @Test
    void one_source_alone_or_two_equal_ones_give_its_optimum() {
        for (Map<String, String> settings : List.of(Map.of("weight", "1"), Map.of("second_gap", "2"))) {
            Measured measured = Measured.of(OpposedGroups.class, settings);
            assertThat(measured.number("weighted_margin")).isCloseTo(2, within(1e-9));
            assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS_UNDER);
        }
    }

    @Test
    void small_beta_and_far_sources_are_solved_too() {
        Measured.of(OpposedGroups.class, Map.of("first_gap", "0", "second_gap", "-6", "beta", "0.01"));
        Measured.of(OpposedGroups.class, Map.of("first_gap", "8", "second_gap", "-6", "reference_ratio", "50"));
    }

    @Test
    void impossible_settings_are_refused() {
        assertThatThrownBy(() -> Measured.of(OpposedGroups.class, Map.of("weight", "1.5")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("weight must be in [0.0, 1.0], got 1.5");
    }
}
