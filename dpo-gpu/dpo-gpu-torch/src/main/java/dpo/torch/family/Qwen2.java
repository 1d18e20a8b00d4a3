package dpo.torch.family;

import dpo.torch.nn.Architecture;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** Qwen2 and Qwen2.5 (arXiv:2407.10671): Llama with biases of queries, keys and values. */
public final class Qwen2 implements Family {

    private static final double THETA = 10000;

    @Override
    public String modelType() {
        return "qwen2";
    }

    @Override
    public String architecture() {
        return "Qwen2ForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = LlamaParts.of(config);
        RotaryEmbedding rotary = config.rotary(parts.heads().size(), THETA);
        IntFunction<OptionalInt> windows = windows(config, parts);
        return parts.architecture(
                this,
                32768,
                false,
                layer -> parts.layer(
                        layer,
                        parts.attention(layer, true, false).with(rotary).withWindow(windows.apply(layer)),
                        false));
    }

    /** If windows are used, they are in the layers from {@code max_window_layers} on. */
    static IntFunction<OptionalInt> windows(ConfigJson config, LlamaParts parts) {
        OptionalInt window = config.flag("use_sliding_window", false)
                ? config.optionalInteger("sliding_window", OptionalInt.of(4096))
                : OptionalInt.empty();
        int first = config.integer("max_window_layers", 28);
        return parts.windows(window, layer -> window.isPresent() && layer >= first);
    }
}
