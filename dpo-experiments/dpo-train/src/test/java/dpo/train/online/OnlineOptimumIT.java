package dpo.train.online;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.AdamW;
import dpo.train.LearningRateSchedule;
import dpo.train.TrainingMethod;
import dpo.train.TrainingSettings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the true reward, sampling finds the optimum that the world computes exactly. */
class OnlineOptimumIT {

    private static Worlds.Trained trained(double beta, TrainingMethod method) {
        TrainingSettings of = Worlds.settings(beta, 0.05).withBatches(100, 100).withEpochs(300);
        TrainingSettings settings = new TrainingSettings(
                of.loss(),
                of.sft(),
                new AdamW(0.05, List.of(0.9, 0.999), 1e-8, 0, 1),
                new LearningRateSchedule(LearningRateSchedule.Type.LINEAR, 0, Optional.empty()),
                of.epochs(),
                of.maxSteps(),
                of.batchSize(),
                of.microBatches(),
                of.order(),
                Optional.empty(),
                false,
                of.best(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                1);
        return Worlds.train(settings, method, 100);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1})
    void ppo_reaches_the_optimum_to_1_percent_of_the_range_of_rewards(double beta) {
        Worlds.Trained trained = trained(beta, Worlds.ppo(RewardSource.TRUE, 2, 1));
        assertThat(trained.regret(beta)).isBetween(0.0, 0.01);
        assertThat(trained.exact().policy().kl()).isGreaterThan(0.3);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1})
    void rloo_reaches_the_optimum_to_1_percent_of_the_range_of_rewards(double beta) {
        Worlds.Trained trained = trained(beta, Worlds.rloo(RewardSource.TRUE));
        assertThat(trained.regret(beta)).isBetween(0.0, 0.01);
        assertThat(trained.exact().policy().kl()).isGreaterThan(0.3);
    }
}
