package dpo.torch.family;

import dpo.torch.nn.Architecture;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** Qwen3, the dense models (arXiv:2505.09388): Llama with norms of queries and keys. */
public final class Qwen3 implements Family {

    private static final double THETA = 10000;
    private static final int HEAD_SIZE = 128;

    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public String architecture() {
        return "Qwen3ForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = new LlamaParts(config, HEAD_SIZE, LlamaParts.rms(config, 0));
        RotaryEmbedding rotary = config.rotary(parts.heads().size(), THETA);
        IntFunction<OptionalInt> windows = Qwen2.windows(config, parts);
        boolean bias = config.flag("attention_bias", false);
        return parts.architecture(this, 32768, false, layer -> {
            Attention attention = parts.withNorms(layer, parts.attention(layer, bias, bias));
            return parts.layer(layer, attention.with(rotary).withWindow(windows.apply(layer)), false);
        });
    }
}
