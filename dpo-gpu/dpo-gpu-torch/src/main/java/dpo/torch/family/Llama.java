package dpo.torch.family;

import dpo.torch.nn.Architecture;
import dpo.torch.nn.attention.RotaryEmbedding;

/** Llama 1 to 3 (arXiv:2302.13971, 2407.21783), and models of the same architecture: SmolLM, SmolLM2, TinyLlama, Yi. */
public final class Llama implements Family {

    private static final double THETA = 10000;

    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public String architecture() {
        return "LlamaForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = LlamaParts.of(config);
        RotaryEmbedding rotary = config.rotary(parts.heads().size(), THETA);
        boolean bias = config.flag("attention_bias", false);
        return parts.architecture(
                this,
                2048,
                false,
                layer -> parts.layer(
                        layer, parts.attention(layer, bias, bias).with(rotary), config.flag("mlp_bias", false)));
    }
}
