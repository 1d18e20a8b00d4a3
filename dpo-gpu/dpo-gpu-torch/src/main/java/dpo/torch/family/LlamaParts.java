package dpo.torch.family;

import dpo.core.setting.Requirement;
import dpo.torch.nn.Activation;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Block;
import dpo.torch.nn.Branch;
import dpo.torch.nn.Embedding;
import dpo.torch.nn.FeedForward;
import dpo.torch.nn.Layer;
import dpo.torch.nn.LmHead;
import dpo.torch.nn.Norm;
import dpo.torch.nn.Projection;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.Heads;
import dpo.torch.nn.attention.QueryKeyValue;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The layers that Llama (arXiv:2302.13971) and models derived from it share, with their names: RMSNorm, separate
 * projections to queries, keys and values, gated feed-forward networks.
 */
public final class LlamaParts {

    /** Name of the token embedding. */
    public static final String EMBEDDING = "model.embed_tokens.weight";

    /** Name of the head's matrix, if it is not tied to the embedding. */
    public static final String HEAD = "lm_head.weight";

    private final ConfigJson config;
    private final Heads heads;
    private final Norms norms;
    private final int hiddenSize;

    /** Makes the norms of a family. */
    @FunctionalInterface
    public interface Norms {

        /** The norm of a name over vectors of a size. */
        Norm of(String name, int size);
    }

    /**
     * Layers with the sizes of a configuration; by default, key and value heads are as many as query heads.
     *
     * @param headSize default width of a head
     * @param norms makes the norms
     */
    public LlamaParts(ConfigJson config, int headSize, Norms norms) {
        int queries = config.size("num_attention_heads");
        this.config = config;
        this.norms = norms;
        this.hiddenSize = config.size("hidden_size");
        this.heads = new Heads(queries, config.size("num_key_value_heads", queries), config.size("head_dim", headSize));
        Requirement.atLeast("hidden_size", hiddenSize, 1);
        Requirement.atLeast("intermediate_size", config.size("intermediate_size"), 1);
    }

    /** Layers with RMSNorm and, by default, heads of equal width whose sum is the hidden size. */
    public static LlamaParts of(ConfigJson config) {
        return of(config, rms(config, 0));
    }

    /** Layers with given norms and, by default, heads of equal width whose sum is the hidden size. */
    public static LlamaParts of(ConfigJson config, Norms norms) {
        int heads = Math.max(1, config.size("num_attention_heads"));
        return new LlamaParts(config, config.size("hidden_size") / heads, norms);
    }

    /** RMSNorm with an offset that is added to the weights. */
    public static Norms rms(ConfigJson config, double offset) {
        double epsilon = config.number("rms_norm_eps", 1e-6);
        return (name, size) -> new Norm.Rms(name, size, epsilon, offset);
    }

    /** Number and width of the heads. */
    public Heads heads() {
        return heads;
    }

    /** Width of the residual stream. */
    public int hiddenSize() {
        return hiddenSize;
    }

    /** Number of layers. */
    public int layers() {
        return config.layers("num_hidden_layers");
    }

    /** A norm in a layer, over the width of the residual stream. */
    public Norm norm(int layer, String part) {
        return norms.of(inLayer(layer, part), hiddenSize);
    }

    /** The attention of a layer, without rotary embedding. */
    public Attention attention(int layer, boolean inputBias, boolean outputBias) {
        QueryKeyValue input = new QueryKeyValue.Separate(
                Projection.of(inLayer(layer, "self_attn.q_proj"), hiddenSize, heads.queryWidth(), inputBias),
                Projection.of(inLayer(layer, "self_attn.k_proj"), hiddenSize, heads.keyValueWidth(), inputBias),
                Projection.of(inLayer(layer, "self_attn.v_proj"), hiddenSize, heads.keyValueWidth(), inputBias));
        return Attention.of(
                heads,
                input,
                Projection.of(inLayer(layer, "self_attn.o_proj"), heads.queryWidth(), hiddenSize, outputBias));
    }

    /** The same attention with a norm of a head's width for its queries and one for its keys. */
    public Attention withNorms(int layer, Attention attention) {
        return attention.withNorms(
                norms.of(inLayer(layer, "self_attn.q_norm"), heads.size()),
                norms.of(inLayer(layer, "self_attn.k_norm"), heads.size()));
    }

    /** The gated feed-forward network of a layer. */
    public Block feedForward(int layer, Activation activation, boolean bias) {
        int inner = config.size("intermediate_size");
        return new FeedForward.Gated(
                Projection.of(inLayer(layer, "mlp.gate_proj"), hiddenSize, inner, bias),
                Projection.of(inLayer(layer, "mlp.up_proj"), hiddenSize, inner, bias),
                Projection.of(inLayer(layer, "mlp.down_proj"), inner, hiddenSize, bias),
                activation);
    }

    /** A layer with a norm before each block. */
    public Layer layer(int layer, Attention attention, boolean feedForwardBias) {
        return Layer.of(
                Branch.of(norm(layer, "input_layernorm"), attention),
                Branch.of(
                        norm(layer, "post_attention_layernorm"),
                        feedForward(layer, config.activation("hidden_act", "silu"), feedForwardBias)));
    }

    /**
     * The sliding window of each layer, if it has one according to {@code layer_types}.
     *
     * @param window number of keys that a query attends to in such a layer
     * @param absent which layers have one if the configuration has no such list
     */
    public IntFunction<OptionalInt> windows(OptionalInt window, IntPredicate absent) {
        IntPredicate sliding = config.texts("layer_types").map(this::sliding).orElse(absent);
        if (window.isEmpty() && IntStream.range(0, layers()).anyMatch(sliding)) {
            throw new IllegalArgumentException("sliding_window must be given if layers have one, got nothing");
        }
        return layer -> sliding.test(layer) ? window : OptionalInt.empty();
    }

    private IntPredicate sliding(List<String> types) {
        types.forEach(type -> ConfigJson.require("layer_types", type, List.of("full_attention", "sliding_attention")));
        if (types.size() != layers()) {
            throw new IllegalArgumentException(
                    "layer_types must have a string for each of " + layers() + " layers, got " + types.size());
        }
        return layer -> types.get(layer).equals("sliding_attention");
    }

    /**
     * The architecture of these layers.
     *
     * @param family of the model
     * @param maxLength default number of positions
     * @param tied whether head and embedding are tied by default
     * @param layers makes a layer from its index
     */
    public Architecture architecture(Family family, int maxLength, boolean tied, IntFunction<Layer> layers) {
        return architecture(family, maxLength, Embedding.of(EMBEDDING), LmHead.of(headName(tied)), layers);
    }

    /** The architecture of these layers with another embedding and head. */
    public Architecture architecture(
            Family family, int maxLength, Embedding embedding, LmHead head, IntFunction<Layer> layers) {
        return new Architecture(
                family.architecture(),
                config.size("vocab_size"),
                hiddenSize,
                config.integer("max_position_embeddings", maxLength),
                embedding,
                IntStream.range(0, layers()).mapToObj(layers).toList(),
                norms.of("model.norm", hiddenSize),
                head);
    }

    /** The name of the head's matrix. */
    public String headName(boolean tied) {
        return config.flag("tie_word_embeddings", tied) ? EMBEDDING : HEAD;
    }

    private static String inLayer(int layer, String part) {
        return "model.layers." + layer + "." + part;
    }
}
