package dpo.torch.family;

import dpo.torch.nn.Activation;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.Branch;
import dpo.torch.nn.Embedding;
import dpo.torch.nn.Layer;
import dpo.torch.nn.LmHead;
import dpo.torch.nn.SoftCap;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * Gemma 2 (arXiv:2408.00118): scaled embeddings, norms before and after each block with weights that are offsets from
 * 1, soft-capped scores and logits, sliding windows in every other layer.
 */
public final class Gemma2 implements Family {

    private static final double THETA = 10000;

    @Override
    public String modelType() {
        return "gemma2";
    }

    @Override
    public String architecture() {
        return "Gemma2ForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = parts(config);
        RotaryEmbedding rotary = config.rotary(parts.heads().size(), THETA);
        IntFunction<OptionalInt> windows =
                parts.windows(config.optionalInteger("sliding_window", OptionalInt.of(4096)), layer -> layer % 2 == 0);
        Optional<SoftCap> cap = config.softCap("attn_logit_softcapping", Optional.of(50.0));
        LmHead head = new LmHead(parts.headName(true), config.softCap("final_logit_softcapping", Optional.of(30.0)));
        return parts.architecture(
                this,
                8192,
                embedding(parts),
                head,
                layer -> layer(
                        config,
                        parts,
                        layer,
                        attention(config, parts, layer)
                                .with(rotary)
                                .withWindow(windows.apply(layer))
                                .withSoftCap(cap)));
    }

    /** Layers with norm weights that are offsets from 1, and a default head width. */
    static LlamaParts parts(ConfigJson config) {
        config.requireFlag("use_bidirectional_attention", false);
        return new LlamaParts(config, 256, LlamaParts.rms(config, 1));
    }

    /** Embeddings times √hidden, rounded to float32 as in transformers. */
    static Embedding embedding(LlamaParts parts) {
        return new Embedding(LlamaParts.EMBEDDING, (float) Math.sqrt(parts.hiddenSize()), Optional.empty());
    }

    /** Attention with a scale that does not follow from the head width. */
    static Attention attention(ConfigJson config, LlamaParts parts, int layer) {
        boolean bias = config.flag("attention_bias", false);
        return parts.attention(layer, bias, bias).withScale(1 / Math.sqrt(config.number("query_pre_attn_scalar", 256)));
    }

    /** Two blocks with a norm before and after each. */
    static Layer layer(ConfigJson config, LlamaParts parts, int layer, Attention attention) {
        Activation activation = config.activation("hidden_activation", "gelu_pytorch_tanh");
        return Layer.of(
                new Branch(
                        parts.norm(layer, "input_layernorm"),
                        attention,
                        Optional.of(parts.norm(layer, "post_attention_layernorm"))),
                new Branch(
                        parts.norm(layer, "pre_feedforward_layernorm"),
                        parts.feedForward(layer, activation, false),
                        Optional.of(parts.norm(layer, "post_feedforward_layernorm"))));
    }
}
