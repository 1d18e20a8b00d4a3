package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Dtype, memory settings and adapter of a NeMo RL policy. */
final class NemoModel {

    private static final String LORA = "policy.dtensor_cfg.lora_cfg.";

    private final SourceConfig source;

    private NemoModel(SourceConfig source) {
        this.source = source;
    }

    /** The keys of the {@code model} section, except its path. */
    static Map<String, Object> keys(SourceConfig source) {
        NemoModel model = new NemoModel(source);
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("dtype", model.dtype());
        // Every key is read, so that none is reported as unknown.
        if (Stream.of(
                                "policy.activation_checkpointing",
                                "policy.activation_checkpointing_enabled",
                                "policy.dtensor_cfg.activation_checkpointing",
                                "policy.megatron_cfg.activation_checkpointing")
                        .filter(key -> source.flag(key, false))
                        .count()
                > 0) {
            keys.put("gradient_checkpointing", true);
        }
        source.unsupported(
                "policy.megatron_cfg.peft.enabled", false, "Megatron's adapters use other names; set model.adapter");
        if (source.flag(LORA + "enabled", false)) {
            keys.put("adapter", model.adapter());
        }
        return keys;
    }

    private String dtype() {
        String precision = source.text("policy.precision", "bfloat16");
        if (!List.of("bfloat16", "float32").contains(precision)) {
            source.unsupported("policy.precision", "dtypes are float32 and bfloat16; set to float32");
        }
        return precision.equals("bfloat16") ? "bfloat16" : "float32";
    }

    private Map<String, Object> adapter() {
        source.unsupported(LORA + "exclude_modules", List.of(), "set model.adapter.targets");
        Map<String, Object> adapter = new LinkedHashMap<>();
        adapter.put("type", "lora");
        adapter.put("rank", source.whole(LORA + "dim", 8));
        adapter.put("alpha", source.number(LORA + "alpha", 32));
        adapter.put("dropout", source.number(LORA + "dropout", 0));
        if (source.text(LORA + "dropout_position", "post").equals("post") && source.number(LORA + "dropout", 0) > 0) {
            source.note("NeMo RL applies dropout to the adapter's outputs; here it applies to its inputs");
        }
        List<?> named = source.find(LORA + "target_modules")
                .map(ConfigNode::plain)
                .map(names -> names instanceof List<?> list ? list : List.of(names))
                .orElse(List.of());
        adapter.put(
                "targets",
                source.flag(LORA + "match_all_linear", true) || named.isEmpty() ? List.of("all-linear") : named);
        return adapter;
    }
}
