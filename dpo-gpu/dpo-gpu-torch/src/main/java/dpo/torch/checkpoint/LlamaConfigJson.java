package dpo.torch.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes {@code config.json} of transformers. Absent keys have transformers' defaults for Llama; an
 * architecture or an option that this engine does not compute is refused, never ignored, but for dropout: preference
 * optimisation is done without, as in TRL.
 */
public final class LlamaConfigJson {

    private static final List<String> KNOWN_ARCHITECTURES = List.of("LlamaForCausalLM");
    private static final List<String> KNOWN_ROPE_TYPES = List.of("default", "linear", "llama3");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JsonNode json;
    private final Path path;

    private LlamaConfigJson(JsonNode json, Path path) {
        this.json = json;
        this.path = path;
    }

    /**
     * The configuration in a file's text.
     *
     * @param text content of {@code config.json}
     * @param path where it comes from, for messages
     * @throws IllegalArgumentException where it is not a Llama configuration that can be computed
     */
    public static LlamaConfig parse(String text, Path path) {
        try {
            return new LlamaConfigJson(JSON.readTree(text), path).config();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "config.json must be JSON, got: " + e.getOriginalMessage() + " (" + path + ")", e);
        } catch (IllegalArgumentException e) {
            throw e.getMessage().contains(path.toString())
                    ? e
                    : new IllegalArgumentException(e.getMessage() + " (" + path + ")", e);
        }
    }

    /** The text of a {@code config.json} that transformers opens as this model, with float32 weights. */
    public static String write(LlamaConfig config) {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add(KNOWN_ARCHITECTURES.get(0));
        json.put("model_type", "llama");
        json.put("vocab_size", config.vocabularySize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headSize());
        json.put("hidden_act", "silu");
        json.put("max_position_embeddings", config.maxLength());
        json.put("rms_norm_eps", config.normEpsilon());
        json.put("rope_theta", config.ropeTheta());
        json.put("tie_word_embeddings", config.tiedHead());
        json.put("attention_bias", config.attentionBias());
        json.put("mlp_bias", config.feedForwardBias());
        json.put("torch_dtype", "float32");
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    }

    /** The same configuration text, its number format set to that in which weights are written: float32. */
    public static String asFloat32(String text) {
        ObjectNode json = (ObjectNode) JSON.readTree(text);
        json.put(json.has("dtype") ? "dtype" : "torch_dtype", "float32");
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    }

    private LlamaConfig config() {
        requireKnownArchitecture();
        require("hidden_act", json.path("hidden_act").asString("silu"), List.of("silu"));
        int hiddenSize = integer("hidden_size", Optional.empty());
        int heads = integer("num_attention_heads", Optional.empty());
        return new LlamaConfig(
                integer("vocab_size", Optional.empty()),
                hiddenSize,
                integer("intermediate_size", Optional.empty()),
                integer("num_hidden_layers", Optional.empty()),
                heads,
                integer("num_key_value_heads", Optional.of(heads)),
                integer("head_dim", Optional.of(hiddenSize / Math.max(1, heads))),
                number(json, "rms_norm_eps", Optional.of(1e-6)),
                ropeTheta(),
                ropeScaling(),
                integer("max_position_embeddings", Optional.of(2048)),
                flag("tie_word_embeddings"),
                flag("attention_bias"),
                flag("mlp_bias"));
    }

    private void requireKnownArchitecture() {
        if (!json.isObject()) {
            throw new IllegalArgumentException("config.json must be an object, got " + json.getNodeType());
        }
        String modelType = json.path("model_type").asString("");
        String architecture = json.path("architectures").path(0).asString(KNOWN_ARCHITECTURES.get(0));
        if (!modelType.equals("llama") || !KNOWN_ARCHITECTURES.contains(architecture)) {
            throw new IllegalArgumentException("architecture must be one of " + KNOWN_ARCHITECTURES
                    + " (model_type llama), got " + architecture + " (model_type " + modelType + ")");
        }
    }

    /** Older files have {@code rope_theta} and {@code rope_scaling}, newer ones {@code rope_parameters}. */
    private double ropeTheta() {
        JsonNode parameters = json.path("rope_parameters");
        return parameters.has("rope_theta")
                ? number(parameters, "rope_theta", Optional.empty())
                : number(json, "rope_theta", Optional.of(10000.0));
    }

    private RopeScaling ropeScaling() {
        JsonNode parameters = json.path("rope_parameters");
        JsonNode scaling = parameters.isObject() ? parameters : json.path("rope_scaling");
        String type = scaling.path("rope_type").asString(scaling.path("type").asString("default"));
        require("rope_type", type, KNOWN_ROPE_TYPES);
        return switch (type) {
            case "linear" -> new RopeScaling.Linear(number(scaling, "factor", Optional.empty()));
            case "llama3" -> new RopeScaling.Llama3(
                    number(scaling, "factor", Optional.empty()),
                    number(scaling, "low_freq_factor", Optional.empty()),
                    number(scaling, "high_freq_factor", Optional.empty()),
                    number(scaling, "original_max_position_embeddings", Optional.empty()));
            default -> new RopeScaling.None();
        };
    }

    private static void require(String key, String value, List<String> known) {
        if (!known.contains(value)) {
            throw new IllegalArgumentException(key + " must be one of " + known + ", got " + value);
        }
    }

    private int integer(String key, Optional<Integer> absent) {
        JsonNode value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent.orElseThrow(() -> new IllegalArgumentException(key + " must be given, got nothing"));
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException(key + " must be an integer, got " + value);
        }
        return value.asInt();
    }

    private static double number(JsonNode from, String key, Optional<Double> absent) {
        JsonNode value = from.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent.orElseThrow(() -> new IllegalArgumentException(key + " must be given, got nothing"));
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(key + " must be a number, got " + value);
        }
        return value.asDouble();
    }

    private boolean flag(String key) {
        JsonNode value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new IllegalArgumentException(key + " must be true or false, got " + value);
        }
        return value.asBoolean();
    }
}
