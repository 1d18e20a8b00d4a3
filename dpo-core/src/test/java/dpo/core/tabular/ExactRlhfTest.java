package dpo.core.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactRlhf;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.theory.BradleyTerry;
import dpo.core.theory.TransitionFeatures;
import dpo.core.world.ControlledWorld;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExactRlhfTest {

    private static final TabularModel MODEL = new TabularModel(4, 3, 2, 5, 0.5, 1);

    private static Policy open() {
        return new TabularBackend().open(MODEL, new Execution("cpu", 1), 1);
    }

    private static List<Preference> pairs(int n) {
        return MODEL.world().samplePairs(n, new SplittableRandom(7));
    }

    @Test
    void the_fit_is_stationary_and_a_larger_ridge_fits_less() {
        double before = 0;
        for (double ridge : new double[] {1e-6, 1e-3, 0.1, 10}) {
            try (Policy policy = open()) {
                ExactRlhf.RewardFit fit = policy.exactRlhf().orElseThrow().solve(pairs(50), ridge, 1);
                assertThat(fit.slope()).isLessThan(1e-10);
                assertThat(fit.loss()).isGreaterThan(before);
                before = fit.loss();
            }
        }
        assertThat(before).isLessThan(Math.log(2));
    }

    @Test
    void with_many_pairs_the_policy_is_the_optimum_of_the_true_reward() {
        try (Policy policy = open()) {
            policy.exactRlhf().orElseThrow().solve(pairs(100_000), 1e-7, 0.5);
            ExactEvaluation exact = policy.exactEvaluation().orElseThrow();
            double optimal =
                    exact.optimum(0.5).reward() - 0.5 * exact.optimum(0.5).kl();
            double reached = exact.policy().reward() - 0.5 * exact.policy().kl();
            assertThat(optimal - reached).isBetween(0.0, 0.002);
            assertThat(exact.policy().kl()).isGreaterThan(0.5);
        }
    }

    @Test
    void the_true_reward_of_a_policy_is_that_of_its_world() {
        try (Policy policy = open()) {
            TokenSequence sequence = TokenSequence.of(new int[] {5}, new int[] {2, 1, 0});
            assertThat(policy.trueReward().orElseThrow().rewards(List.of(sequence)))
                    .containsExactly(MODEL.world().reward(1, new int[] {2, 1, 0}));
        }
    }

    @Test
    void without_ridge_the_policy_is_the_optimum_of_the_maximum_likelihood_reward() {
        List<Preference> pairs = pairs(20_000);
        ControlledWorld world = MODEL.world();
        TransitionFeatures features = TransitionFeatures.ofPositions(world.shape());
        BradleyTerry.Fit fit = BradleyTerry.fit(features.differences(pairs), 0);
        ControlledWorld estimated =
                new ControlledWorld(world.shape(), world.referenceLogits(), features.rewards(fit.weights()));
        ExactEvaluation.RewardAndKl expected = world.evaluate(estimated.optimum(0.7));
        try (Policy policy = open()) {
            policy.exactRlhf().orElseThrow().solve(pairs, 0, 0.7);
            ExactEvaluation.RewardAndKl solved =
                    policy.exactEvaluation().orElseThrow().policy();
            assertThat(solved.reward()).isCloseTo(expected.reward(), within(1e-9));
            assertThat(solved.kl()).isCloseTo(expected.kl(), within(1e-9));
        }
    }

    @Test
    void without_ridge_separable_pairs_are_refused() {
        try (Policy policy = open()) {
            ExactRlhf exact = policy.exactRlhf().orElseThrow();
            assertThatThrownBy(() -> exact.solve(pairs(5), 0, 1))
                    .hasMessageContaining("ridge must be positive for pairs that are linearly separable, got 0.0");
            assertThatThrownBy(() -> exact.solve(pairs(5), -1, 1)).hasMessageContaining("ridge must be");
        }
    }
}
