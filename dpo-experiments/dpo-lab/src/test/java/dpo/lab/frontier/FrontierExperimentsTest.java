package dpo.lab.frontier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.setting.SettingException;
import dpo.harness.config.ConfigException;
import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrontierExperimentsTest {

    @Test
    void best_of_eight_of_three_equally_likely_answers_has_the_known_divergence_and_reward() {
        Measured measured = Measured.of(BestOfN.class, Map.of());
        assertThat(measured.number("kl")).isCloseTo(.9328029, within(1e-7));
        assertThat(measured.number("bound")).isCloseTo(1.2044415, within(1e-7));
        assertThat(measured.number("reward")).isCloseTo(1.9608291, within(1e-7));
    }

    /** By enumeration of all sequences of draws. */
    @Test
    void best_of_five_with_equal_rewards_among_unequal_answers() {
        Measured measured = Measured.of(
                BestOfN.class, Map.of("reference", "[1, 2, 3, 1]", "rewards", "[2, 1, 1, 0]", "samples", "5"));
        double[] reference = {1 / 7.0, 2 / 7.0, 3 / 7.0, 1 / 7.0};
        double[] rewards = {2, 1, 1, 0};
        double[] best = new double[4];
        for (int course = 0; course < 1024; course++) {
            double probability = 1;
            int first = course % 4;
            for (int rest = course, draw = 0; draw < 5; draw++, rest /= 4) {
                probability *= reference[rest % 4];
                first = rewards[rest % 4] > rewards[first] ? rest % 4 : first;
            }
            best[first] += probability;
        }
        double kl = 0;
        double reward = 0;
        for (int a = 0; a < 4; a++) {
            kl += best[a] * Math.log(best[a] / reference[a]);
            reward += best[a] * rewards[a];
        }
        assertThat(measured.number("kl")).isCloseTo(kl, within(1e-12));
        assertThat(measured.number("reward")).isCloseTo(reward, within(1e-12));
        assertThat(measured.number("bound")).isCloseTo(Math.log(5) - 0.8, within(1e-12));
    }

    @Test
    void one_draw_and_equal_rewards_leave_the_reference() {
        assertThat(Measured.of(BestOfN.class, Map.of("samples", "1")).number("kl"))
                .isZero();
        assertThat(Measured.of(BestOfN.class, Map.of("rewards", "[1, 1, 1]")).number("kl"))
                .isCloseTo(0, within(1e-12));
    }

    @Test
    void many_draws_give_the_best_answer() {
        Measured measured = Measured.of(BestOfN.class, Map.of("samples", "1000"));
        assertThat(measured.number("kl")).isCloseTo(Math.log(3), within(1e-12));
        assertThat(measured.number("frontier_reward")).isEqualTo(2);
    }

    @Test
    void impossible_settings_are_refused() {
        assertThatThrownBy(() -> Measured.of(BestOfN.class, Map.of("rewards", "[1, 2]")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("rewards must hold");
        assertThatThrownBy(() -> Measured.of(BestOfN.class, Map.of("samples", "0")))
                .hasMessageContaining("samples must be at least 1, got 0");
    }

    @Test
    void both_identities_hold_in_other_worlds_too() {
        Measured measured = Measured.of(
                RegretIdentity.class,
                Map.of(
                        "vocabulary", "4",
                        "length", "3",
                        "prompts", "2",
                        "seed", "7",
                        "beta", "0.05",
                        "policies", "5",
                        "spread", "0.3"));
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(measured.list("regret")).hasSize(5).allMatch(regret -> regret > 0);
        assertThat(measured.list("gap")).hasSize(5).allMatch(gap -> gap > 0);
    }

    @Test
    void policies_further_from_the_reference_than_every_optimum_are_refused() {
        assertThatThrownBy(() -> Measured.of(
                        RegretIdentity.class,
                        Map.of("vocabulary", "2", "length", "1", "prompts", "1", "policies", "50", "spread", "30")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spread must be so small");
    }
}
