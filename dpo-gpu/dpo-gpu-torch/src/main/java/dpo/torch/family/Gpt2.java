package dpo.torch.family;

import dpo.torch.nn.Activation;
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
import java.util.Optional;
import java.util.stream.IntStream;

/** GPT-2: learned positions, LayerNorm, one projection to queries, keys and values, transposed matrices. */
public final class Gpt2 implements Family {

    private static final String BODY = "transformer.";
    private static final String EMBEDDING = BODY + "wte.weight";

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public String architecture() {
        return "GPT2LMHeadModel";
    }

    @Override
    public Architecture read(ConfigJson config) {
        config.requireFlag("add_cross_attention", false);
        boolean tied = config.flag("tie_word_embeddings", true);
        return new Architecture(
                architecture(),
                config.size("vocab_size"),
                config.size("n_embd"),
                config.size("n_positions", 1024),
                new Embedding(EMBEDDING, 1, Optional.of(BODY + "wpe.weight")),
                IntStream.range(0, config.layers("n_layer"))
                        .mapToObj(layer -> layer(config, layer))
                        .toList(),
                norm(config, BODY + "ln_f"),
                LmHead.of(tied ? EMBEDDING : LlamaParts.HEAD));
    }

    /** Checkpoints without a head leave out the first part of the names; old ones store the causal masks. */
    @Override
    public Optional<String> parameter(String stored) {
        if (stored.endsWith(".attn.bias") || stored.endsWith(".attn.masked_bias")) {
            return Optional.empty();
        }
        return Optional.of(stored.startsWith(BODY) || stored.equals(LlamaParts.HEAD) ? stored : BODY + stored);
    }

    private static Layer layer(ConfigJson config, int layer) {
        String name = BODY + "h." + layer + ".";
        int hidden = config.size("n_embd");
        int inner = config.size("n_inner", 4 * hidden);
        Activation activation = config.activation("activation_function", "gelu_new");
        return Layer.of(
                Branch.of(norm(config, name + "ln_1"), attention(config, layer, name + "attn.", hidden)),
                Branch.of(
                        norm(config, name + "ln_2"),
                        new FeedForward(
                                projection(name + "mlp.c_fc", hidden, inner),
                                projection(name + "mlp.c_proj", inner, hidden),
                                activation)));
    }

    private static Attention attention(ConfigJson config, int layer, String name, int hidden) {
        Heads heads = Heads.equal(config.size("n_head"), hidden);
        double scale = config.flag("scale_attn_weights", true) ? 1 / Math.sqrt(heads.size()) : 1;
        boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
        return Attention.of(
                        heads,
                        new QueryKeyValue.Stacked(projection(name + "c_attn", hidden, 3 * hidden)),
                        projection(name + "c_proj", hidden, hidden))
                .withScale(byLayer ? scale / (layer + 1) : scale);
    }

    private static Projection projection(String name, int in, int out) {
        return new Projection(name, in, out, true, true);
    }

    private static Norm norm(ConfigJson config, String name) {
        return new Norm.Layer(name, config.size("n_embd"), config.number("layer_norm_epsilon", 1e-5));
    }
}
