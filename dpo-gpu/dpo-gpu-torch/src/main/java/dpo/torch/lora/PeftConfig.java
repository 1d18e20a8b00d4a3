package dpo.torch.lora;

import dpo.torch.checkpoint.JsonFile;
import dpo.torch.lora.LoraAdapter.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * The settings of an adapter in PEFT's format, {@code adapter_config.json}. A key is refused if it changes the function
 * that the adapter computes in a way that is not supported here, or if it is unknown.
 *
 * @param shape rank, scale and dropout
 * @param targets the adapted modules
 */
record PeftConfig(Shape shape, PeftTargets targets) {

    /** The file of the adapter's settings. */
    static final String CONFIG = "adapter_config.json";

    /** The file of its matrices. */
    static final String WEIGHTS = "adapter_model.safetensors";

    /** Keys that do not change the function of a trained adapter. */
    private static final Set<String> NEUTRAL = Set.of(
            "auto_mapping",
            "base_model_name_or_path",
            "revision",
            "inference_mode",
            "peft_version",
            "task_type",
            "megatron_core",
            "loftq_config",
            "qalora_group_size",
            "fan_in_fan_out",
            "runtime_config",
            "ensure_weight_tying");

    private static final Set<String> READ = Set.of(
            "peft_type",
            "r",
            "lora_alpha",
            "lora_dropout",
            "use_rslora",
            "bias",
            "init_lora_weights",
            "target_modules",
            "exclude_modules",
            "layers_to_transform",
            "layers_pattern");

    /** Reads the settings in a folder. */
    static PeftConfig read(Path folder) {
        Path path = folder.resolve(CONFIG);
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException("adapter folder must hold " + CONFIG + ", got none (" + folder + ")");
        }
        JsonNode json = JsonFile.read(path);
        try {
            require(json, "peft_type", "LORA");
            require(json, "bias", "none");
            json.properties().forEach(field -> requireKnown(field.getKey(), field.getValue()));
            require(
                    json,
                    "r",
                    "a whole number below 2^31",
                    value -> value.isIntegralNumber() && value.canConvertToInt());
            require(json, "lora_alpha", "a number", JsonNode::isNumber);
            require(json, "lora_dropout", "a number", value -> isAbsent(value) || value.isNumber());
            require(json, "use_rslora", "true or false", value -> isAbsent(value) || value.isBoolean());
            require(
                    json,
                    "init_lora_weights",
                    "true, false or gaussian, which do not change the model",
                    value -> isAbsent(value)
                            || value.isBoolean()
                            || value.asString("").equals("gaussian"));
            Shape shape = new Shape(
                            json.path("r").asInt(),
                            json.path("lora_alpha").asDouble(),
                            json.path("lora_dropout").asDouble(0),
                            json.path("use_rslora").asBoolean(false))
                    .requireScale("lora_alpha");
            return new PeftConfig(shape, new PeftTargets(json, path));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + path + ")", e);
        }
    }

    /** The file of the matrices in a folder, which must exist. */
    static Path weights(Path folder) {
        if (!Files.isRegularFile(folder.resolve(WEIGHTS))) {
            throw new IllegalArgumentException("adapter folder must hold " + WEIGHTS + ", got none (" + folder + ")");
        }
        return folder.resolve(WEIGHTS);
    }

    /**
     * Writes the settings into a folder.
     *
     * @param base folder of the frozen model
     * @param targets names of the adapted projections, or their last parts
     * @param transposed whether the adapted matrices are stored as {@code [in, out]}
     */
    static void write(Path folder, Shape shape, Path base, List<String> targets, boolean transposed) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("peft_type", "LORA");
        values.put("task_type", "CAUSAL_LM");
        values.put("base_model_name_or_path", base.toString());
        values.put("r", shape.rank());
        values.put("lora_alpha", asWritten(shape.alpha()));
        values.put("lora_dropout", shape.dropout());
        values.put("target_modules", targets);
        values.put("use_rslora", shape.rslora());
        values.put("fan_in_fan_out", transposed);
        values.put("bias", "none");
        values.put("inference_mode", true);
        try {
            Files.writeString(folder.resolve(CONFIG), JsonFile.text(values));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.resolve(CONFIG) + ": " + e, e);
        }
    }

    private static void requireKnown(String key, JsonNode value) {
        boolean without = value.isNull()
                || (value.isBoolean() && !value.asBoolean())
                || ((value.isObject() || value.isArray()) && value.isEmpty());
        if (!without && !NEUTRAL.contains(key) && !READ.contains(key)) {
            throw new IllegalArgumentException(
                    key + " must be absent, since it is not supported, got " + JsonFile.shown(value));
        }
    }

    private static void require(JsonNode json, String key, String only) {
        JsonNode value = json.path(key);
        if (!value.isMissingNode() && !(value.isString() && value.stringValue().equals(only))) {
            throw new IllegalArgumentException(key + " must be " + only + ", got " + JsonFile.shown(value));
        }
    }

    private static void require(JsonNode json, String key, String what, Predicate<JsonNode> holds) {
        if (!holds.test(json.path(key))) {
            throw new IllegalArgumentException(key + " must be " + what + ", got " + JsonFile.shown(json.path(key)));
        }
    }

    /** Whether a key is absent or null. */
    static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static Number asWritten(double alpha) {
        if (alpha == Math.rint(alpha)) {
            return (long) alpha;
        }
        return alpha;
    }
}
