package dpo.train.online;

import dpo.core.backend.AdamW;
import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.train.Models;
import dpo.train.TrainingData;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a reward model is trained on the preferences, in batches of the size of the run's.
 *
 * @param learningRate learning rate of AdamW, constant
 * @param epochs passes over the preferences
 * @param weightDecay λ of AdamW
 */
public record RewardTraining(
        @Setting(about = "learning rate > 0 of the reward model")
        double learningRate,

        @Setting(about = "passes over the pairs", byDefault = "1")
        int epochs,

        @Setting(about = "λ >= 0 of AdamW for the reward model", byDefault = "0.0")
        double weightDecay) {

    public RewardTraining {
        Requirement.positive("learning_rate", learningRate);
        Requirement.atLeast("epochs", epochs, 1);
        Requirement.notNegative("weight_decay", weightDecay);
    }

    AdamW optimizer(AdamW ofPolicy) {
        return new AdamW(learningRate, ofPolicy.betas(), ofPolicy.epsilon(), weightDecay, ofPolicy.maxGradNorm());
    }

    /** Requires a training of the reward model if and only if it is learned. */
    static void require(RewardSource source, Optional<RewardTraining> training) {
        boolean isLearned = source == RewardSource.LEARNED;
        Requirement.holds(
                training.isPresent() == isLearned,
                "reward_model",
                isLearned ? "must be given for reward: learned" : "must be absent for reward: true",
                training.map(Object::toString).orElse("none"),
                "reward");
    }

    /** The scalar models of a method with this reward. */
    static List<String> models(RewardSource source) {
        return source == RewardSource.LEARNED ? List.of(RewardSteps.MODEL) : List.of();
    }

    /** Number of steps of the reward model; 0 without one. */
    static int stepCount(Optional<RewardTraining> training, TrainingSettings settings, int preferences) {
        return training.map(each -> Math.multiplyExact(each.epochs, settings.stepsPerEpoch(preferences)))
                .orElse(0);
    }

    /** The tokens of the steps of the reward model; 0 without one. */
    static long tokens(Optional<RewardTraining> training, List<Preference> preferences) {
        return training.map(each -> each.epochs
                        * preferences.stream().mapToLong(Preference::tokens).sum())
                .orElse(0L);
    }

    /** The steps of a policy that maximises the true reward, or a learned one, whose steps come first. */
    static TrainingSteps before(
            Optional<RewardTraining> training,
            TrainingSettings settings,
            TrainingData data,
            Models models,
            Function<ScoredReward, TrainingSteps> policy) {
        if (training.isEmpty()) {
            return policy.apply(ScoredReward.known(models.policy()));
        }
        RewardSteps reward = new RewardSteps(training.get(), settings, data.train(), models);
        return new AfterReward(reward, policy.apply(ScoredReward.learned(models.policy(), reward::rewards)));
    }
}
