package dpo.torch.model;

import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovShape;
import dpo.core.world.PrefixTree;
import dpo.torch.family.ConfigJson;
import dpo.torch.tensor.NamedTensors;

/**
 * Settings of a controlled world whose policy is a small transformer: a decoder of the Llama family over the world's
 * tokens, pre-trained on completions of the world's reference. With steps of SFT it is pre-trained on another domain
 * instead, the completions of the world of the next seed, and then fine-tuned on those of this world. Equal settings give
 * equal weights on the same device with the same number of threads. The world is small enough to enumerate all prefixes,
 * so reward, divergence from the transformer before training, and optimum are exact.
 *
 * @param vocabulary number of completion tokens, the end token 0 included
 * @param length largest number of tokens of a completion
 * @param prompts number of prompts
 * @param seed seed of the world, of the initial weights and of the samples of pre-training
 * @param sharpness standard deviation of the logits of the world's reference
 * @param rewardScale standard deviation of the reward of a token
 * @param hiddenSize width of the residual stream, a multiple of {@code 2 · heads}; the feed-forward layer has twice this
 *     width
 * @param layers number of layers
 * @param heads number of heads
 * @param pretrainingSteps optimizer steps of pre-training, with a learning rate that falls linearly to 0
 * @param pretrainingBatchSize completions of each step, each sampled anew
 * @param pretrainingLearningRate learning rate of the first step
 * @param sftSteps optimizer steps of SFT after pre-training, with the same batch size and learning rates
 */
public record NeuralWorld(
        @Setting(about = "number of completion tokens >= 3, the end token 0 included", byDefault = "6")
        int vocabulary,

        @Setting(about = "largest number of tokens of a completion, >= 2", byDefault = "5")
        int length,

        @Setting(about = "number of prompts >= 1, drawn uniformly", byDefault = "4")
        int prompts,

        @Setting(about = "seed of world and transformer, independent of the seed of the run", byDefault = "0")
        long seed,

        @Setting(about = "standard deviation >= 0 of the logits of the world's reference", byDefault = "1.0")
        double sharpness,

        @Setting(about = "standard deviation >= 0 of the true reward of a token", byDefault = "1.0")
        double rewardScale,

        @Setting(about = "width of the transformer, a multiple of 2 * heads", byDefault = "32")
        int hiddenSize,

        @Setting(about = "number of layers >= 1", byDefault = "2")
        int layers,

        @Setting(about = "number of heads >= 1", byDefault = "4")
        int heads,

        @Setting(
                about = "optimizer steps >= 0 of pre-training, on completions of the world's reference",
                byDefault = "400")
        int pretrainingSteps,

        @Setting(about = "completions of a step of pre-training, >= 1", byDefault = "64")
        int pretrainingBatchSize,

        @Setting(
                about = "learning rate > 0 of the first step of pre-training; it falls linearly to 0",
                byDefault = "5e-3")
        double pretrainingLearningRate,

        @Setting(
                about = "optimizer steps >= 0 of SFT on completions of the world's reference, like those of"
                        + " pre-training, which is then on another world",
                byDefault = "0")
        int sftSteps) {

    private static final double INIT_STD = 0.05;

    public NeuralWorld {
        Requirement.atLeast("vocabulary", vocabulary, 3);
        PrefixTree.requireSmall(new MarkovShape(vocabulary, length, prompts));
        Requirement.notNegative("sharpness", sharpness);
        Requirement.notNegative("reward_scale", rewardScale);
        Requirement.atLeast("heads", heads, 1);
        Requirement.holds(
                hiddenSize >= 1 && hiddenSize % (2 * heads) == 0,
                "hidden_size",
                "must be a multiple of 2 * heads = " + 2 * heads,
                hiddenSize,
                "heads");
        Requirement.atLeast("layers", layers, 1);
        Requirement.atLeast("pretraining_steps", pretrainingSteps, 0);
        Requirement.atLeast("pretraining_batch_size", pretrainingBatchSize, 1);
        Requirement.positive("pretraining_learning_rate", pretrainingLearningRate);
        Requirement.atLeast("sft_steps", sftSteps, 0);
    }

    /** The world: its reference distribution of completions, and its true reward. */
    public ControlledWorld controlled() {
        return ofSeed(seed);
    }

    /** The world whose completions pre-training is on: this one, or with SFT that of the next seed. */
    public ControlledWorld ofPretraining() {
        return ofSeed(sftSteps == 0 ? seed : seed + 1);
    }

    private ControlledWorld ofSeed(long number) {
        return ControlledWorld.random(new MarkovShape(vocabulary, length, prompts), sharpness, rewardScale, number);
    }

    /** The {@code config.json} from which transformers opens the transformer. */
    public ConfigJson config() {
        return FreshModel.config(
                vocabulary + prompts, hiddenSize, 2 * hiddenSize, layers, heads, heads, 1 + length, true);
    }

    /** Draws the weights before pre-training. */
    public void initialize(NamedTensors parameters) {
        FreshModel.initialize(parameters, new RandomStreams(seed).stream("world.init"), INIT_STD);
    }
}
