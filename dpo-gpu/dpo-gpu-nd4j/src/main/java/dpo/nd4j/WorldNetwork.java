package dpo.nd4j;

import dpo.core.random.RandomStreams;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovShape;
import dpo.core.world.PrefixTree;
import dpo.nd4j.network.NetworkState;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Settings of a controlled world whose policy is a small network over the world's tokens, pre-trained on completions of
 * the world's reference; they have the keys of the {@code torch} backend's worlds. The world is small enough to enumerate
 * all prefixes, so reward, divergence from the pre-trained network and optimum are exact.
 *
 * @param vocabulary number of completion tokens, the end token 0 included
 * @param length largest number of tokens of a completion
 * @param prompts number of prompts
 * @param seed seed of the world, of the initial weights and of the samples of pre-training
 * @param sharpness standard deviation of the logits of the world's reference
 * @param rewardScale standard deviation of the reward of a token
 * @param type the kind of the network's layers
 * @param hiddenSize width of the layers; the feed-forward layers between attention have twice this width
 * @param layers number of layers
 * @param heads of attention; 4 if absent
 * @param pretrainingSteps optimizer steps of pre-training, with a learning rate that falls linearly to 0
 * @param pretrainingBatchSize completions of each step, each sampled anew
 * @param pretrainingLearningRate learning rate of the first step
 * @param sftSteps optimizer steps of SFT after pre-training, which is then on the world of the next seed
 */
public record WorldNetwork(
        @Setting(about = "number of completion tokens >= 3, the end token 0 included", byDefault = "6")
        int vocabulary,

        @Setting(about = "largest number of tokens of a completion, >= 2", byDefault = "5")
        int length,

        @Setting(about = "number of prompts >= 1, drawn uniformly", byDefault = "4")
        int prompts,

        @Setting(about = "seed of world and network, independent of the seed of the run", byDefault = "0")
        long seed,

        @Setting(about = "standard deviation >= 0 of the logits of the world's reference", byDefault = "1.0")
        double sharpness,

        @Setting(about = "standard deviation >= 0 of the true reward of a token", byDefault = "1.0")
        double rewardScale,

        @Setting(about = "attention, lstm or conv", byDefault = "attention")
        LayerKind type,

        @Setting(about = "width of the layers", byDefault = "32")
        int hiddenSize,

        @Setting(about = "number of layers >= 1", byDefault = "2")
        int layers,

        @Setting(about = "attention: number of heads, a divisor of hidden_size; 4 if absent")
        Optional<Integer> heads,

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

    public WorldNetwork {
        Requirement.atLeast("vocabulary", vocabulary, 3);
        PrefixTree.requireSmall(new MarkovShape(vocabulary, length, prompts));
        Requirement.notNegative("sharpness", sharpness);
        Requirement.notNegative("reward_scale", rewardScale);
        stack(type, hiddenSize, layers, heads);
        Requirement.atLeast("pretraining_steps", pretrainingSteps, 0);
        Requirement.atLeast("pretraining_batch_size", pretrainingBatchSize, 1);
        Requirement.positive("pretraining_learning_rate", pretrainingLearningRate);
        Requirement.atLeast("sft_steps", sftSteps, 0);
    }

    private static LayerStack stack(LayerKind type, int hiddenSize, int layers, Optional<Integer> heads) {
        Optional<Integer> inner = type == LayerKind.ATTENTION ? Optional.of(2 * hiddenSize) : Optional.empty();
        return new LayerStack(type, hiddenSize, layers, heads, inner, Optional.empty());
    }

    /** The world: its reference distribution of completions, and its true reward. */
    ControlledWorld controlled() {
        return ofSeed(seed);
    }

    /** The world whose completions pre-training is on: this one, or with SFT that of the next seed. */
    ControlledWorld ofPretraining() {
        return ofSeed(sftSteps == 0 ? seed : seed + 1);
    }

    private ControlledWorld ofSeed(long number) {
        return ControlledWorld.random(new MarkovShape(vocabulary, length, prompts), sharpness, rewardScale, number);
    }

    /** Longest sequence, the prompt included. */
    int maxLength() {
        return 1 + length;
    }

    /** The network before pre-training. */
    NetworkState draw(DataType dataType) {
        return stack(type, hiddenSize, layers, heads)
                .draw(vocabulary + prompts, new RandomStreams(seed).stream("world.init"), dataType);
    }
}
