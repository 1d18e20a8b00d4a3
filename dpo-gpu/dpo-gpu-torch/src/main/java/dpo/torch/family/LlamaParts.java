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
 * The parts that Llama (arXiv:2302.13971) and its many descendants have in common, under their names: RMS norms,
 * separate projections to queries, keys and values, gated feed-forward.
 */
public final class LlamaParts {

    /** Name of the token embedding. */
    public static final String EMBEDDING = "model.embed_tokens.weight";

    /** Name of the head's matrix, where it is not the embedding. */
    public static final String HEAD = "lm_head.weight";

    private final ConfigJson config;
    private final Heads heads;
    private final Norms norms;
    private final int hiddenSize;

    /** How a family makes its norms. */
    @FunctionalInterface
    public interface Norms {

        /** The norm of a name over vectors of a size. */
        Norm of(String name, int size);
    }

    /**
     * Parts of the sizes that a configuration has; as many key and value heads as query heads, where it does not say.
     *
     * @param headSize width of a head, where none is given
     * @param norms how norms are made
     */
    public LlamaParts(ConfigJson config, int headSize, Norms norms) {
        int queries = config.size("num_attention_heads");
        this.config = config;
        this.norms = norms;
        this.hiddenSize = config.size("hidden_size");
        this.heads = new Heads(
                queries, config.size("num_key_value_heads", queries), config.size("head_dim", headSize));
        Requirement.atLeast("hidden_size", hiddenSize, 1);
        Requirement.atLeast("intermediate_size", config.size("intermediate_size"), 1);
    }

    /** Parts with RMS norms, whose heads share the hidden size where the configuration does not say otherwise. */
    public static LlamaParts of(ConfigJson config) {
        return of(config, rms(config, 0));
    }

    /** Parts whose heads share the hidden size where the configuration does not say otherwise. */
    public static LlamaParts of(ConfigJson config, Norms norms) {
        int heads = Math.max(1, config.size("num_attention_heads"));
        return new LlamaParts(config, config.size("hidden_size") / heads, norms);
    }

    /** RMS norms that add an offset to their weights. */
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

    /** A norm in a layer, over the width of the stream. */
    public Norm norm(int layer, String part) {
        return norms.of(inLayer(layer, part), hiddenSize);
    }

    /** The attention of a layer, without positions. */
    public Attention attention(int layer, boolean inputBias, boolean outputBias) {
        QueryKeyValue input = new QueryKeyValue.Separate(
                Projection.of(inLayer(layer, "self_attn.q_proj"), hiddenSize, heads.queryWidth(), inputBias),
                Projection.of(inLayer(layer, "self_attn.k_proj"), hiddenSize, heads.keyValueWidth(), inputBias),
                Projection.of(inLayer(layer, "self_attn.v_proj"), hiddenSize, heads.keyValueWidth(), inputBias));
        return Attention.of(heads, input,
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

    /** A layer with a norm in front of either block. */
    public Layer layer(int layer, Attention attention, boolean feedForwardBias) {
        return Layer.of(
                Branch.of(norm(layer, "input_layernorm"), attention),
                Branch.of(norm(layer, "post_attention_layernorm"),
                        feedForward(layer, config.activation("hidden_act", "silu"), feedForwardBias)));
    }

    /**
     * The sliding window of each layer, if it has one: those of {@code layer_types} have.
     *
     * @param window number of keys that a query sees in such a layer
     * @param absent which layers, where the configuration has no such list
     */
    public IntFunction<OptionalInt> windows(OptionalInt window, IntPredicate absent) {
        IntPredicate sliding = config.texts("layer_types").map(this::sliding).orElse(absent);
        if (window.isEmpty() && IntStream.range(0, layers()).anyMatch(sliding)) {
            throw new IllegalArgumentException("sliding_window must be given where layers have one, got nothing");
        }
        return layer -> sliding.test(layer) ? window : OptionalInt.empty();
    }

    private IntPredicate sliding(List<String> types) {
        types.forEach(type ->
                ConfigJson.require("layer_types", type, List.of("full_attention", "sliding_attention")));
        if (types.size() != layers()) {
            throw new IllegalArgumentException(
                    "layer_types must have a word for each of " + layers() + " layers, got " + types.size());
        }
        return layer -> types.get(layer).equals("sliding_attention");
    }

    /**
     * The model of these layers.
     *
     * @param family what it is of
     * @param maxLength number of positions, where none is given
     * @param tied whether head and embedding are one, where the configuration does not say
     * @param layers each layer by its number
     */
    public Architecture architecture(Family family, int maxLength, boolean tied, IntFunction<Layer> layers) {
        return architecture(family, maxLength, Embedding.of(EMBEDDING), LmHead.of(headName(tied)), layers);
    }

    /** The model of these layers between an embedding and a head of its own kind. */
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
