package dpo.nd4j;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.nd4j.network.NetworkState;
import java.nio.file.Path;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Settings of a new network with random weights from the run's {@code init} stream: normal with mean 0 and the variance 1 /
 * fan-in, 1 in the embedding; biases are 0 (1 at the forget gates of an LSTM), gains 1.
 *
 * @param tokenizer folder with the tokenizer files, which are saved with the network
 * @param vocabSize number of token ids, at least the tokenizer's
 * @param maxLength longest sequence in tokens
 * @param type the kind of its layers
 * @param hiddenSize width of the layers
 * @param layers number of layers
 * @param heads of attention; 4 if absent
 * @param intermediateSize width of the feed-forward layers between attention; four times the width if absent
 * @param kernel length of a causal convolution; 3 if absent
 */
public record FreshNetwork(
        @Setting(about = "folder of the tokenizer files, including tokenizer.json")
        Path tokenizer,

        @Setting(about = "number of token ids, at least the tokenizer's")
        int vocabSize,

        @Setting(about = "longest sequence in tokens", byDefault = "1024")
        int maxLength,

        @Setting(about = "attention, lstm or conv", byDefault = "attention")
        LayerKind type,

        @Setting(about = "width of the layers", byDefault = "64")
        int hiddenSize,

        @Setting(about = "number of layers", byDefault = "2")
        int layers,

        @Setting(about = "attention: number of heads, a divisor of hidden_size; 4 if absent")
        Optional<Integer> heads,

        @Setting(about = "attention: width of the feed-forward layers; 4 * hidden_size if absent")
        Optional<Integer> intermediateSize,

        @Setting(about = "conv: tokens that a convolution sees, >= 2; 3 if absent")
        Optional<Integer> kernel) {

    public FreshNetwork {
        Requirement.atLeast("vocab_size", vocabSize, 2);
        Requirement.atLeast("max_length", maxLength, 2);
        new LayerStack(type, hiddenSize, layers, heads, intermediateSize, kernel);
    }

    private LayerStack stack() {
        return new LayerStack(type, hiddenSize, layers, heads, intermediateSize, kernel);
    }

    /** A network with drawn weights. */
    NetworkState draw(RandomGenerator random, DataType dataType) {
        return stack().draw(vocabSize, random, dataType);
    }
}
