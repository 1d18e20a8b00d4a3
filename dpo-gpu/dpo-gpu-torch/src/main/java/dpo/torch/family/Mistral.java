package dpo.torch.family;

import dpo.torch.nn.Architecture;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.OptionalInt;

/** Mistral (arXiv:2310.06825), Zephyr: Llama with a sliding window in every layer of the first versions. */
public final class Mistral implements Family {

    private static final double THETA = 10000;

    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public String architecture() {
        return "MistralForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = LlamaParts.of(config);
        RotaryEmbedding rotary = config.rotary(parts.heads().size(), THETA);
        OptionalInt window = config.optionalInteger("sliding_window", OptionalInt.of(4096));
        return parts.architecture(
                this,
                4096 * 32,
                false,
                layer -> parts.layer(
                        layer, parts.attention(layer, false, false).with(rotary).withWindow(window), false));
    }
}
