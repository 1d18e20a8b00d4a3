package dpo.torch.model;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.torch.family.ConfigJson;
import dpo.torch.family.Families;
import dpo.torch.tensor.NamedTensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Settings of a small decoder of the Llama family with random weights from the run's {@code init} stream: matrices are
 * normal with mean 0, norms are 1.
 *
 * @param tokenizer folder with the tokenizer files, which are saved with the model
 * @param vocabSize number of token ids, at least the tokenizer's
 * @param hiddenSize width of the residual stream, a multiple of {@code 2 · heads}
 * @param intermediateSize width of the feed-forward layer
 * @param layers number of layers
 * @param heads number of query heads
 * @param kvHeads number of key and value heads, a divisor of {@code heads}
 * @param maxLength longest sequence in tokens
 * @param tieEmbeddings whether the LM head is the embedding matrix
 * @param initStd standard deviation of the matrices
 */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public record FreshModel(
        @Setting(about = "folder of the tokenizer files, including tokenizer.json")
        Path tokenizer,

        @Setting(about = "number of token ids, at least the tokenizer's")
        int vocabSize,

        @Setting(about = "width of the residual stream, a multiple of 2 * heads", byDefault = "64")
        int hiddenSize,

        @Setting(about = "width of the feed-forward layer", byDefault = "172")
        int intermediateSize,

        @Setting(about = "number of layers", byDefault = "2")
        int layers,

        @Setting(about = "number of query heads", byDefault = "4")
        int heads,

        @Setting(about = "number of key and value heads, a divisor of heads", byDefault = "4")
        int kvHeads,

        @Setting(about = "longest sequence in tokens", byDefault = "1024")
        int maxLength,

        @Setting(about = "whether the LM head is the embedding matrix", byDefault = "true")
        boolean tieEmbeddings,

        @Setting(about = "standard deviation > 0 of the initial matrices", byDefault = "0.02")
        double initStd) {

    private static final double NORM_EPSILON = 1e-6;
    private static final double ROPE_THETA = 10000;

    public FreshModel {
        Requirement.atLeast("heads", heads, 1);
        Requirement.positive("init_std", initStd);
        Requirement.holds(
                hiddenSize >= 1 && hiddenSize % (2 * heads) == 0,
                "hidden_size",
                "must be a multiple of 2 * heads = " + 2 * heads,
                hiddenSize,
                "heads");
        Families.read(config(vocabSize, hiddenSize, intermediateSize, layers, heads, kvHeads, maxLength, tieEmbeddings))
                .parameters()
                .forEach(FreshModel::requireArray);
    }

    /** Weights are drawn into an array, which bounds their number. */
    private static void requireArray(String name, List<Long> shape) {
        if (shape.stream().reduce(1L, Math::multiplyExact) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "each matrix must have fewer than 2^31 numbers, got " + shape + " (" + name + ")");
        }
    }

    /** The {@code config.json} from which transformers opens this model. */
    public ConfigJson config() {
        return config(vocabSize, hiddenSize, intermediateSize, layers, heads, kvHeads, maxLength, tieEmbeddings);
    }

    /** The {@code config.json} of a decoder with these sizes. */
    static ConfigJson config(
            int vocabSize,
            int hiddenSize,
            int intermediateSize,
            int layers,
            int heads,
            int kvHeads,
            int maxLength,
            boolean tieEmbeddings) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("architectures", List.of("LlamaForCausalLM"));
        values.put("model_type", "llama");
        values.put("vocab_size", vocabSize);
        values.put("hidden_size", hiddenSize);
        values.put("intermediate_size", intermediateSize);
        values.put("num_hidden_layers", layers);
        values.put("num_attention_heads", heads);
        values.put("num_key_value_heads", kvHeads);
        values.put("head_dim", hiddenSize / heads);
        values.put("hidden_act", "silu");
        values.put("max_position_embeddings", maxLength);
        values.put("rms_norm_eps", NORM_EPSILON);
        values.put("rope_theta", ROPE_THETA);
        values.put("tie_word_embeddings", tieEmbeddings);
        values.put("attention_bias", false);
        values.put("mlp_bias", false);
        return ConfigJson.of(values);
    }

    /** Draws the weights, tensor by tensor in the order of the model. */
    void initialize(NamedTensors parameters, RandomGenerator random) {
        initialize(parameters, random, initStd);
    }

    /** Draws the weights, with a standard deviation of the matrices. */
    static void initialize(NamedTensors parameters, RandomGenerator random, double initStd) {
        parameters.all().forEach((name, parameter) -> {
            float[] values = new float[Math.toIntExact(parameter.numel())];
            for (int i = 0; i < values.length; i++) {
                values[i] = parameter.dim() > 1 ? (float) (initStd * random.nextGaussian()) : 1;
            }
            try (PointerScope scope = new PointerScope()) {
                parameter.copy_(Tensor.create(values, parameter.shape()));
            }
        });
    }
}
