package dpo.core.tabular;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovShape;

/**
 * The {@code model:} section of the tabular backend: the parameters of a random controlled world. The policy starts at
 * the world's reference.
 *
 * @param vocabulary number of completion tokens, the end token 0 included
 * @param length largest number of tokens of a completion
 * @param prompts number of prompts
 * @param seed seed of the world
 * @param sharpness standard deviation of the reference's logits
 * @param rewardScale standard deviation of the reward of a token
 */
public record TabularModel(
        @Setting(about = "number of completion tokens >= 3, the end token 0 included", byDefault = "8")
        int vocabulary,

        @Setting(about = "largest number of tokens of a completion, >= 1", byDefault = "8")
        int length,

        @Setting(about = "number of prompts >= 1, drawn uniformly", byDefault = "4")
        int prompts,

        @Setting(about = "seed of the world, independent of the seed of the run", byDefault = "0")
        long seed,

        @Setting(about = "standard deviation >= 0 of the reference's logits; 0 is uniform", byDefault = "1.0")
        double sharpness,

        @Setting(about = "standard deviation >= 0 of the true reward of a token", byDefault = "1.0")
        double rewardScale) {

    public TabularModel {
        Requirement.atLeast("vocabulary", vocabulary, 3);
        Requirement.atLeast("length", length, 1);
        Requirement.atLeast("prompts", prompts, 1);
        Requirement.notNegative("sharpness", sharpness);
        Requirement.notNegative("reward_scale", rewardScale);
    }

    /** The world of these settings; equal settings give equal worlds. */
    public ControlledWorld world() {
        return ControlledWorld.random(new MarkovShape(vocabulary, length, prompts), sharpness, rewardScale, seed);
    }
}
