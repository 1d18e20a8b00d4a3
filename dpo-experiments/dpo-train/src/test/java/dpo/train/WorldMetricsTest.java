package dpo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.pairwise.SigmoidNormLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.train.online.Rlhf;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WorldMetricsTest {

    private static final TabularModel MODEL = new TabularModel(8, 8, 4, 0, 1, 1);

    private static Map<String, Double> metrics(TrainingSettings settings, int pairs) {
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1)) {
            return new Trainer(settings)
                    .train(policy, policy.worldPairs().orElseThrow().samplePairs(pairs, new SplittableRandom(1)))
                    .metrics();
        }
    }

    @Test
    void the_regret_is_what_the_policy_loses_of_reward_less_penalty() {
        double beta = 0.7;
        Map<String, Double> metrics = metrics(TrainingSettings.of(new SigmoidLoss(beta, 0), 0.05), 300);
        RewardAndKl target =
                MODEL.world().evaluation(MODEL.world().optimum(beta)).policy();
        assertThat(metrics).containsEntry("world/target_reward", target.reward());
        assertThat(metrics).containsEntry("world/target_kl", target.kl());
        double lost =
                target.reward() - beta * target.kl() - metrics.get("world/reward") + beta * metrics.get("world/kl");
        assertThat(metrics.get("world/regret")).isCloseTo(lost, within(1e-12)).isGreaterThan(0.1);
    }

    @Test
    void the_beta_of_a_method_comes_before_that_of_the_objective() {
        TrainingSettings sigmoid = TrainingSettings.of(new SigmoidLoss(0.7, 0), 0.05);
        assertThat(sigmoid.beta()).hasValue(0.7);
        assertThat(sigmoid.with(new Rlhf(0.1, Optional.of(2.0))).beta()).hasValue(2);
        assertThat(sigmoid.with(new Rlhf(0.1, Optional.empty())).beta()).hasValue(0.7);
        assertThat(sigmoid.with(new OnPreferences()).beta()).hasValue(0.7);
    }

    @Test
    void objectives_without_beta_or_reference_or_with_a_beta_per_token_have_no_regret() {
        PreferenceLoss turns = new TurnWeighted(new SigmoidLoss(0.3, 0), new TurnWeights.Last());
        assertThat(TrainingSettings.of(turns, 1).beta()).hasValue(0.3);
        assertThat(TrainingSettings.of(new SimPoLoss(2, 0.5), 1).beta()).isEmpty();
        assertThat(TrainingSettings.of(new SigmoidNormLoss(5, 0), 1).beta()).isEmpty();
        assertThat(TrainingSettings.of(new SftLoss(SftLoss.Average.SUM), 1).beta())
                .isEmpty();
        assertThat(Frontier.metrics(MODEL.world().evaluation(MODEL.world().reference()), OptionalDouble.empty()))
                .doesNotContainKey("world/regret");
    }

    /** The bounds of world 0, computed outside of this library. */
    @Test
    void log_loss_and_accuracy_approach_the_known_bounds_of_the_world_and_do_not_surpass_them() {
        TrainingSettings exact = TrainingSettings.of(new SigmoidLoss(1, 0), 1).with(new Rlhf(0, Optional.empty()));
        Map<String, Double> many = metrics(exact, 65_536);
        assertThat(many.get("world/bayes_log_loss")).isCloseTo(0.3488, within(0.005));
        assertThat(many.get("world/bayes_accuracy")).isCloseTo(0.841, within(0.004));
        assertThat(many.get("world/log_loss")).isBetween(many.get("world/bayes_log_loss"), 0.36);
        assertThat(many.get("world/accuracy")).isBetween(0.83, many.get("world/bayes_accuracy"));
        // The excess log-loss is about 371/(2n) for 371 parameters.
        assertThat(many.get("world/log_loss") - many.get("world/bayes_log_loss"))
                .isBetween(0.8 * 371 / (2 * 65_536), 1.6 * 371 / (2 * 65_536));
    }

    @Test
    void a_policy_equal_to_its_reference_has_accuracy_one_half_and_log_loss_log_two() {
        TrainingSettings settings = TrainingSettings.of(new SigmoidLoss(1, 0), 0.0);
        try (Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1)) {
            WorldPairs pairs = WorldPairs.of(policy, settings.loss(), References.of(policy, settings.microBatches()))
                    .orElseThrow();
            Map<String, Double> metrics = pairs.metrics(policy, settings.loss());
            assertThat(metrics.get("world/accuracy")).isCloseTo(0.5, within(1e-12));
            assertThat(metrics.get("world/log_loss")).isCloseTo(Math.log(2), within(1e-12));
        }
    }
}
