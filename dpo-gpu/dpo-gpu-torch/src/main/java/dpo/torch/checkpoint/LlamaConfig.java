package dpo.torch.checkpoint;

import dpo.core.setting.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shape of a decoder of the Llama family (arXiv:2302.13971): pre-norm RMS normalisation, rotary positions, gated
 * SiLU feed-forward, grouped-query attention.
 *
 * @param vocabularySize number of token ids
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the feed-forward layer
 * @param layers number of layers
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads, a divisor of {@code heads}
 * @param headSize width of a head, even
 * @param normEpsilon ε of the RMS norms
 * @param ropeTheta base θ of the rotary frequencies {@code θ^(−2i/headSize)}
 * @param ropeScaling what is done to them
 * @param maxLength number of positions
 * @param tiedHead whether the LM head is the embedding matrix
 * @param attentionBias whether the attention projections have biases
 * @param feedForwardBias whether the feed-forward projections have biases
 */
public record LlamaConfig(
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headSize,
        double normEpsilon,
        double ropeTheta,
        RopeScaling ropeScaling,
        int maxLength,
        boolean tiedHead,
        boolean attentionBias,
        boolean feedForwardBias) {

    /** Name of the token embedding matrix. */
    public static final String EMBEDDING = "model.embed_tokens.weight";

    /** Name of the LM head's matrix, where it is not tied to the embedding. */
    public static final String HEAD = "lm_head.weight";

    public LlamaConfig {
        Requirement.atLeast("vocab_size", vocabularySize, 2);
        Requirement.atLeast("hidden_size", hiddenSize, 1);
        Requirement.atLeast("intermediate_size", intermediateSize, 1);
        Requirement.atLeast("num_hidden_layers", layers, 1);
        Requirement.atLeast("num_attention_heads", heads, 1);
        Requirement.atLeast("num_key_value_heads", keyValueHeads, 1);
        Requirement.atLeast("head_dim", headSize, 2);
        Requirement.atLeast("max_position_embeddings", maxLength, 2);
        Requirement.positive("rms_norm_eps", normEpsilon);
        Requirement.positive("rope_theta", ropeTheta);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "num_key_value_heads must divide num_attention_heads (" + heads + "), got " + keyValueHeads);
        }
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("head_dim must be even, got " + headSize);
        }
    }

    /** Name of the parameters of a layer's part, e.g. {@code model.layers.3.mlp.up_proj.weight}. */
    public static String inLayer(int layer, String part) {
        return "model.layers." + layer + "." + part;
    }

    /** The name of the matrix that turns hidden states into logits. */
    public String headName() {
        return tiedHead ? EMBEDDING : HEAD;
    }

    /** Name and shape of every parameter, in the order of the model. */
    public Map<String, List<Long>> parameters() {
        Map<String, List<Long>> all = new LinkedHashMap<>();
        all.put(EMBEDDING, shape(vocabularySize, hiddenSize));
        for (int layer = 0; layer < layers; layer++) {
            for (Map.Entry<String, List<Long>> part : layerParameters().entrySet()) {
                all.put(inLayer(layer, part.getKey()), part.getValue());
            }
        }
        all.put("model.norm.weight", shape(hiddenSize));
        if (!tiedHead) {
            all.put(HEAD, shape(vocabularySize, hiddenSize));
        }
        return all;
    }

    private Map<String, List<Long>> layerParameters() {
        Map<String, List<Long>> parts = new LinkedHashMap<>();
        int queries = heads * headSize;
        int keys = keyValueHeads * headSize;
        projection(parts, "self_attn.q_proj", queries, hiddenSize, attentionBias);
        projection(parts, "self_attn.k_proj", keys, hiddenSize, attentionBias);
        projection(parts, "self_attn.v_proj", keys, hiddenSize, attentionBias);
        projection(parts, "self_attn.o_proj", hiddenSize, queries, attentionBias);
        projection(parts, "mlp.gate_proj", intermediateSize, hiddenSize, feedForwardBias);
        projection(parts, "mlp.up_proj", intermediateSize, hiddenSize, feedForwardBias);
        projection(parts, "mlp.down_proj", hiddenSize, intermediateSize, feedForwardBias);
        parts.put("input_layernorm.weight", shape(hiddenSize));
        parts.put("post_attention_layernorm.weight", shape(hiddenSize));
        return parts;
    }

    private static void projection(Map<String, List<Long>> parts, String name, long out, long in, boolean bias) {
        parts.put(name + ".weight", shape(out, in));
        if (bias) {
            parts.put(name + ".bias", shape(out));
        }
    }

    private static List<Long> shape(long... sizes) {
        List<Long> shape = new ArrayList<>();
        for (long size : sizes) {
            shape.add(size);
        }
        return List.copyOf(shape);
    }
}
