package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Dtype, memory settings and adapter of TRL's {@code TrainingArguments} and {@code ModelConfig}. */
final class TrlModel {

    private final SourceConfig source;

    private TrlModel(SourceConfig source) {
        this.source = source;
    }

    /** The keys of the {@code model} section, except its path. */
    static Map<String, Object> keys(SourceConfig source) {
        Map<String, Object> keys = new LinkedHashMap<>();
        TrlModel model = new TrlModel(source);
        keys.put("dtype", model.dtype());
        if (source.flag("gradient_checkpointing", true)) {
            keys.put("gradient_checkpointing", true);
        }
        if (source.flag("use_peft", false)) {
            keys.put("adapter", model.adapter());
        } else {
            // Keys of a disabled feature have no effect.
            source.withoutMeaning(TrlKeys.OF_ADAPTER);
        }
        return keys;
    }

    /** Mixed precision is TRL's default. */
    private String dtype() {
        boolean isHalf = source.flag("fp16", false);
        boolean isMixed = source.flag("bf16", !isHalf);
        if (isHalf) {
            source.unsupported("fp16", "computed in float32");
        }
        boolean isRounded = false;
        for (String key : List.of("dtype", "torch_dtype")) {
            String type = source.text(key, "float32");
            isRounded |= type.equals("bfloat16");
            if (type.equals("bfloat16")) {
                source.note(key + " bfloat16: TRL trains the rounded weights; here they are float32, and matmuls are"
                        + " bfloat16");
            } else if (!type.equals("float32")) {
                source.unsupported(key, "dtypes are float32 and bfloat16");
            }
        }
        return isMixed || isRounded ? "bfloat16" : "float32";
    }

    private Map<String, Object> adapter() {
        source.unsupported("use_dora", false, "the adapter is LoRA");
        source.unsupported("lora_modules_to_save", "", "everything but the adapter is frozen");
        source.unsupported("lora_target_parameters", "", "only projections have adapters");
        source.unsupported("lora_task_type", "CAUSAL_LM", "the model is a causal language model");
        Map<String, Object> adapter = new LinkedHashMap<>();
        adapter.put("type", "lora");
        adapter.put("rank", source.whole("lora_r", 16));
        adapter.put("alpha", source.number("lora_alpha", 32));
        adapter.put("dropout", source.number("lora_dropout", 0.05));
        adapter.put("targets", targets());
        adapter.put("rslora", source.flag("use_rslora", false));
        return adapter;
    }

    private List<?> targets() {
        Object given = source.find("lora_target_modules").map(ConfigNode::plain).orElse("");
        if (given instanceof List<?> names) {
            return names;
        }
        Set<Character> ofPattern = Set.of('*', '|', '(', '[', '\\', '^', '$', '?', '+');
        String name = given.toString();
        if (name.isEmpty()) {
            source.note(
                    "PEFT picks targets by the type of model where lora_target_modules is absent; these are those of"
                            + " Llama: check model.adapter.targets");
        } else if (name.chars().noneMatch(c -> ofPattern.contains((char) c))) {
            return List.of(name);
        } else {
            source.unsupported("lora_target_modules", "targets are names, not a pattern; set to q_proj and v_proj");
        }
        return List.of("q_proj", "v_proj");
    }
}
