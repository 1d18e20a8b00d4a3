package dpo.train.online;

import dpo.core.backend.AdamW;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

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
}
