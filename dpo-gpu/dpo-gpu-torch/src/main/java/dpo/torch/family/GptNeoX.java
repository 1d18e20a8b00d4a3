package dpo.torch.family;

import dpo.torch.nn.Architecture;
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
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * GPT-NeoX (arXiv:2204.06745) and Pythia (arXiv:2304.01373): parallel attention and feed-forward network, rotary
 * embedding of a part of each head, one projection to queries, keys and values head by head.
 */
public final class GptNeoX implements Family {

    private static final double THETA = 10000;
    private static final double ROTATED_SHARE = 0.25;
    private static final String BODY = "gpt_neox.";
    private static final String EMBEDDING = BODY + "embed_in.weight";
    private static final String HEAD = "embed_out.weight";

    @Override
    public String modelType() {
        return "gpt_neox";
    }

    @Override
    public String architecture() {
        return "GPTNeoXForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        boolean tied = config.flag("tie_word_embeddings", false);
        return new Architecture(
                architecture(),
                config.size("vocab_size"),
                config.size("hidden_size"),
                config.integer("max_position_embeddings", 2048),
                Embedding.of(EMBEDDING),
                IntStream.range(0, config.layers("num_hidden_layers"))
                        .mapToObj(layer -> layer(config, BODY + "layers." + layer + "."))
                        .toList(),
                norm(config, BODY + "final_layer_norm"),
                LmHead.of(tied ? EMBEDDING : HEAD));
    }

    /** The head is {@code embed_out.weight}; files that name it {@code lm_head.weight} are read too. */
    @Override
    public Optional<String> parameter(String stored) {
        if (stored.endsWith(".attention.bias")
                || stored.endsWith(".attention.masked_bias")
                || stored.endsWith(".rotary_emb.inv_freq")) {
            return Optional.empty();
        }
        return Optional.of(stored.equals(LlamaParts.HEAD) ? HEAD : stored);
    }

    private static Layer layer(ConfigJson config, String name) {
        int hidden = config.size("hidden_size");
        int inner = config.size("intermediate_size");
        FeedForward feedForward = new FeedForward(
                Projection.of(name + "mlp.dense_h_to_4h", hidden, inner, true),
                Projection.of(name + "mlp.dense_4h_to_h", inner, hidden, true),
                config.activation("hidden_act", "gelu"));
        return new Layer(
                Branch.of(norm(config, name + "input_layernorm"), attention(config, name + "attention.", hidden)),
                Branch.of(norm(config, name + "post_attention_layernorm"), feedForward),
                config.flag("use_parallel_residual", true));
    }

    private static Attention attention(ConfigJson config, String name, int hidden) {
        boolean bias = config.flag("attention_bias", true);
        Heads heads = Heads.equal(config.size("num_attention_heads"), hidden);
        return Attention.of(
                        heads,
                        new QueryKeyValue.Interleaved(
                                Projection.of(name + "query_key_value", hidden, 3 * hidden, bias)),
                        Projection.of(name + "dense", hidden, hidden, bias))
                .with(rotary(config, heads.size()));
    }

    /** Older files have {@code rotary_pct} and {@code rotary_emb_base}. */
    private static RotaryEmbedding rotary(ConfigJson config, int headSize) {
        int rotated = (int) (headSize * config.rotaryShare("rotary_pct", ROTATED_SHARE));
        return config.rotary(rotated, config.number("rotary_emb_base", THETA));
    }

    private static Norm norm(ConfigJson config, String name) {
        return new Norm.Layer(name, config.size("hidden_size"), config.number("layer_norm_eps", 1e-5));
    }
}
