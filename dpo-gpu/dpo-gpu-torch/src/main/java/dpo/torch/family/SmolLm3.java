package dpo.torch.family;

import dpo.core.setting.Requirement;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/** SmolLM3: Llama in which some layers, by default every fourth, have no rotary embedding (arXiv:2501.18795). */
public final class SmolLm3 implements Family {

    private static final double THETA = 2000000;

    @Override
    public String modelType() {
        return "smollm3";
    }

    @Override
    public String architecture() {
        return "SmolLM3ForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = LlamaParts.of(config);
        RotaryEmbedding rotary = config.rotary(parts.heads().size(), THETA);
        IntPredicate rotated = rotated(config, parts.layers());
        OptionalInt window = config.flag("use_sliding_window", false)
                ? config.optionalInteger("sliding_window", OptionalInt.empty())
                : OptionalInt.empty();
        IntFunction<OptionalInt> windows = parts.windows(window, layer -> window.isPresent() && !rotated.test(layer));
        boolean bias = config.flag("attention_bias", false);
        return parts.architecture(this, 32768, true, layer -> {
            Attention plain = parts.attention(layer, bias, bias).withWindow(windows.apply(layer));
            Attention attention = rotated.test(layer) ? plain.with(rotary) : plain;
            return parts.layer(layer, attention, config.flag("mlp_bias", false));
        });
    }

    /** {@code no_rope_layers} has 1 for layers with rotary embedding and 0 for those without. */
    private static IntPredicate rotated(ConfigJson config, int layers) {
        int interval = Requirement.atLeast("no_rope_layer_interval", config.integer("no_rope_layer_interval", 4), 1);
        List<Integer> listed = config.integers("no_rope_layers");
        if (!listed.isEmpty() && listed.size() != layers) {
            throw new IllegalArgumentException(
                    "no_rope_layers must have a number for each of " + layers + " layers, got " + listed.size());
        }
        return layer -> listed.isEmpty() ? (layer + 1) % interval != 0 : listed.get(layer) != 0;
    }
}
