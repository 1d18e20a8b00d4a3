package dpo.train.online;

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
 * The reward of a method that samples. A learned one is trained before the first step of the policy.
 *
 * @param reward where the reward r(x, y) is from
 * @param rewardModel training of a learned reward
 */
public record RewardSettings(
        @Setting(about = "true (of a controlled world) or learned (a reward model, trained on the pairs first)")
        RewardSource reward,

        @Setting(about = "training of the reward model, for reward: learned")
        Optional<RewardTraining> rewardModel) {

    public RewardSettings {
        boolean isLearned = reward == RewardSource.LEARNED;
        Requirement.holds(
                rewardModel.isPresent() == isLearned,
                "reward_model",
                isLearned ? "must be given for reward: learned" : "must be absent for reward: true",
                rewardModel.map(Object::toString).orElse("none"),
                "reward");
    }

    /** The scalar models that the reward needs. */
    List<String> scalarModels() {
        return rewardModel.isPresent() ? List.of(RewardSteps.MODEL) : List.of();
    }

    /** Number of steps of a training: those of the reward model and one per batch. */
    int stepCount(TrainingSettings settings, int preferences) {
        return rewardModel
                        .map(each -> Math.multiplyExact(each.epochs(), settings.stepsPerEpoch(preferences)))
                        .orElse(0)
                + settings.stepsOver(preferences);
    }

    /** The tokens of the steps of the reward model; 0 without one. */
    long tokens(List<Preference> preferences) {
        return rewardModel
                .map(each -> each.epochs()
                        * preferences.stream().mapToLong(Preference::tokens).sum())
                .orElse(0L);
    }

    /** The steps of a policy that maximises the reward, after those of the reward model. */
    TrainingSteps before(
            TrainingSettings settings, TrainingData data, Models models, Function<ScoredReward, TrainingSteps> policy) {
        if (rewardModel.isEmpty()) {
            return policy.apply(ScoredReward.known(models.policy()));
        }
        RewardSteps learned = new RewardSteps(rewardModel.get(), settings, data.train(), models);
        return new AfterReward(learned, policy.apply(ScoredReward.learned(models.policy(), learned::rewards)));
    }
}
