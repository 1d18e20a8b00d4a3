package dpo.torch.family;

import dpo.core.setting.Requirement;
import dpo.torch.nn.Architecture;
import dpo.torch.nn.LmHead;
import dpo.torch.nn.SoftCap;
import dpo.torch.nn.attention.Attention;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * Gemma 3, text-only models (arXiv:2503.19786): Gemma 2 with norms of queries and keys instead of soft caps, and
 * another rotary embedding in layers with sliding windows.
 */
public final class Gemma3 implements Family {

    private static final double GLOBAL_THETA = 1000000;
    private static final double LOCAL_THETA = 10000;

    @Override
    public String modelType() {
        return "gemma3_text";
    }

    @Override
    public String architecture() {
        return "Gemma3ForCausalLM";
    }

    @Override
    public Architecture read(ConfigJson config) {
        LlamaParts parts = Gemma2.parts(config);
        int period = Requirement.atLeast("sliding_window_pattern", config.integer("sliding_window_pattern", 6), 1);
        IntFunction<OptionalInt> windows = parts.windows(
                config.optionalInteger("sliding_window", OptionalInt.of(4096)), layer -> (layer + 1) % period != 0);
        RotaryEmbedding global = global(config, parts.heads().size());
        RotaryEmbedding local = local(config, parts.heads().size());
        config.softCap("attn_logit_softcapping", Optional.empty()).ifPresent(given -> {
            throw new IllegalArgumentException("attn_logit_softcapping must be null, got " + given.limit());
        });
        Optional<SoftCap> cap = config.softCap("final_logit_softcapping", Optional.empty());
        LmHead head = new LmHead(parts.headName(true), cap);
        return parts.architecture(this, 131072, Gemma2.embedding(parts), head, layer -> {
            OptionalInt window = windows.apply(layer);
            Attention attention = parts.withNorms(layer, Gemma2.attention(config, parts, layer))
                    .with(window.isPresent() ? local : global)
                    .withWindow(window);
            return Gemma2.layer(config, parts, layer, attention);
        });
    }

    private static RotaryEmbedding global(ConfigJson config, int headSize) {
        return ofLayers(config, "full_attention")
                .map(own -> own.rotaryHere(headSize, GLOBAL_THETA))
                .orElseGet(() -> config.rotary(headSize, GLOBAL_THETA));
    }

    /** Older files scale only the rotary embedding of the other layers. */
    private static RotaryEmbedding local(ConfigJson config, int headSize) {
        double theta = config.number("rope_local_base_freq", LOCAL_THETA);
        return ofLayers(config, "sliding_attention")
                .orElseGet(() -> ConfigJson.of(Map.of()))
                .rotaryHere(headSize, theta);
    }

    private static Optional<ConfigJson> ofLayers(ConfigJson config, String type) {
        return config.within("rope_parameters").flatMap(all -> all.within(type));
    }
}
