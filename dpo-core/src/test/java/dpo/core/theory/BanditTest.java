package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.setting.SettingException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BanditTest {

    private static final Bandit THREE = new Bandit(List.of(2.0, 1.0, 1.0), List.of(0.0, 1.0, -0.5));

    @Test
    void the_optimum_is_the_reference_tilted_by_the_exponential_of_the_reward() {
        double[] policy = THREE.optimum(0.5);
        double z = 0.5 + 0.25 * Math.exp(2) + 0.25 * Math.exp(-1);
        double[] expected = {0.5 / z, 0.25 * Math.exp(2) / z, 0.25 * Math.exp(-1) / z};
        assertThat(policy).containsExactly(expected, within(1e-15));
        assertThat(THREE.reward(policy)).isCloseTo(policy[1] - policy[2] / 2, within(1e-15));
    }

    @Test
    void the_optimum_maximises_the_reward_minus_beta_times_the_divergence() {
        double beta = 0.7;
        double[] optimum = THREE.optimum(beta);
        double[] other = {0.2, 0.5, 0.3};
        double best = THREE.reward(optimum) - beta * THREE.divergence(optimum);
        double less = THREE.reward(other) - beta * THREE.divergence(other);
        assertThat(best - less).isCloseTo(beta * RewardObjective.kl(other, optimum), within(1e-14));
    }

    @Test
    void the_beta_of_a_divergence_gives_it() {
        for (double kl : new double[] {1e-6, 0.1, 1, 1.38}) {
            assertThat(THREE.divergence(THREE.optimum(THREE.betaAt(kl)))).isCloseTo(kl, within(1e-13));
        }
        assertThat(THREE.greatestDivergence()).isCloseTo(Math.log(4), within(1e-15));
        assertThatThrownBy(() -> THREE.betaAt(1.4))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("kl must");
    }

    @Test
    void the_mean_win_rate_of_the_reference_against_itself_is_a_half() {
        assertThat(Bandit.mean(THREE.reference(), THREE.winRates())).isCloseTo(0.5, within(1e-15));
        double byHand = 0.25 + 0.25 / (1 + Math.E) + 0.25 / (1 + Math.exp(-0.5));
        assertThat(THREE.winRates()[0]).isCloseTo(byHand, within(1e-15));
    }

    @Test
    void improper_answers_are_refused() {
        assertThatThrownBy(() -> new Bandit(List.of(1.0), List.of(1.0))).hasMessageContaining("at least two");
        assertThatThrownBy(() -> new Bandit(List.of(1.0, 0.0), List.of(1.0, 2.0)))
                .hasMessageContaining("positive");
        assertThatThrownBy(() -> new Bandit(List.of(1.0, 1.0), List.of(1.0))).hasMessageContaining("rewards must hold");
        assertThatThrownBy(() -> new Bandit(List.of(1.0, 1.0), List.of(1.0, Double.NaN)))
                .hasMessageContaining("finite");
    }
}
