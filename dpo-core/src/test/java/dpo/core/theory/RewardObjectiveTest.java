package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RewardObjectiveTest {

    private static final double[] REFERENCE = {0.5, 0.3, 0.2};
    private static final double[] REWARDS = {0, 1, 3};
    private final RewardObjective objective = new RewardObjective(REFERENCE, REWARDS, 0.7);

    @Test
    void the_minimum_is_at_the_tilted_reference_and_is_minus_beta_log_z() {
        double[] found = Newton.minimise(objective, new double[3], 200).point();
        assertThat(PopulationLoss.policy(found))
                .containsExactly(PopulationLoss.policy(objective.optimum()), within(1e-9));
        double z = 0.5 + 0.3 * Math.exp(1 / 0.7) + 0.2 * Math.exp(3 / 0.7);
        assertThat(objective.at(found).value()).isEqualTo(-0.7 * Math.log(z), within(1e-12));
    }

    @Test
    void the_regret_is_beta_times_the_divergence_from_the_optimum() {
        double[] logits = {0.3, -1, 0.4};
        assertThat(objective.regret(logits))
                .isEqualTo(
                        0.7
                                * RewardObjective.kl(
                                        PopulationLoss.policy(logits), PopulationLoss.policy(objective.optimum())),
                        within(1e-14));
    }

    @Test
    void the_gradient_is_the_derivative_of_the_value() {
        double[] logits = {0.3, -1, 0.4};
        for (int i = 0; i < 3; i++) {
            double[] above = logits.clone();
            double[] below = logits.clone();
            above[i] += 1e-5;
            below[i] -= 1e-5;
            double slope = (objective.at(above).value() - objective.at(below).value()) / 2e-5;
            assertThat(objective.at(logits).gradient()[i]).isEqualTo(slope, within(1e-9));
        }
    }
}
