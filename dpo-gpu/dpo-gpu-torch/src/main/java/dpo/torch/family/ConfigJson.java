package dpo.torch.family;

import dpo.torch.block.Activation;
import dpo.torch.block.RopeScaling;
import dpo.torch.block.Rotary;
import dpo.torch.block.SoftCap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code config.json} of transformers, read by type. A key that is absent has the default that is given with it; one
 * that is null has it too, except where null is a value of its own, as in {@link #optionalInteger}.
 */
public final class ConfigJson {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> KNOWN_ROPE_TYPES = List.of("default", "linear", "llama3");
    private static final Map<String, Activation> ACTIVATIONS = Map.of(
            "silu", Activation.SILU,
            "swish", Activation.SILU,
            "gelu", Activation.GELU,
            "gelu_python", Activation.GELU,
            "gelu_fast", Activation.GELU_TANH,
            "gelu_new", Activation.GELU_TANH,
            "gelu_pytorch_tanh", Activation.GELU_TANH);

    private final JsonNode json;
    private final String where;

    private ConfigJson(JsonNode json, String where) {
        this.json = json;
        this.where = where;
    }

    /**
     * The configuration in a file's text.
     *
     * @param text content of {@code config.json}
     * @param path where it comes from, for messages
     * @throws IllegalArgumentException where it is no JSON object
     */
    public static ConfigJson parse(String text, Path path) {
        try {
            JsonNode json = JSON.readTree(text);
            if (!json.isObject()) {
                throw new IllegalArgumentException(
                        "config.json must be an object, got " + json.getNodeType() + " (" + path + ")");
            }
            return new ConfigJson(json, " (" + path + ")");
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "config.json must be JSON, got: " + e.getOriginalMessage() + " (" + path + ")", e);
        }
    }

    /** A configuration of these keys, which comes from no file. */
    public static ConfigJson of(Map<String, ?> values) {
        return new ConfigJson(JSON.valueToTree(values), "");
    }

    /** The text of the file, its number format set to that in which weights are written: float32. */
    public String asFloat32() {
        ObjectNode changed = (ObjectNode) json.deepCopy();
        changed.put(json.has("dtype") ? "dtype" : "torch_dtype", "float32");
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(changed);
    }

    /** The error of a wrong configuration, with the place where it is. */
    IllegalArgumentException wrong(String message) {
        return new IllegalArgumentException(message + where);
    }

    /** The same with its cause. */
    IllegalArgumentException wrong(String message, Throwable cause) {
        return new IllegalArgumentException(message + where, cause);
    }

    /** An integer that must be there. */
    public int integer(String key) {
        return optionalInteger(key, OptionalInt.empty()).orElseThrow(() -> missing(key));
    }

    /** An integer. */
    public int integer(String key, int absent) {
        return optionalInteger(key, OptionalInt.empty()).orElse(absent);
    }

    /** An integer that may be null, which is not the same as absent. */
    public OptionalInt optionalInteger(String key, OptionalInt absent) {
        JsonNode value = json.path(key);
        if (value.isMissingNode()) {
            return absent;
        }
        if (value.isNull()) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException(key + " must be an integer, got " + value);
        }
        return OptionalInt.of(value.asInt());
    }

    /** A number that must be there. */
    public double number(String key) {
        return optionalNumber(key, Optional.empty()).orElseThrow(() -> missing(key));
    }

    /** A number. */
    public double number(String key, double absent) {
        return optionalNumber(key, Optional.empty()).orElse(absent);
    }

    /** The bound of capped numbers; null, which is not the same as absent, is none. */
    public Optional<SoftCap> softCap(String key, Optional<Double> absent) {
        return optionalNumber(key, absent).map(SoftCap::new);
    }

    /** Yes or no. */
    public boolean flag(String key, boolean absent) {
        return given(key).map(value -> {
            require(value.isBoolean(), key + " must be true or false, got ", value);
            return value.asBoolean();
        }).orElse(absent);
    }

    /** A word. */
    public String text(String key, String absent) {
        return given(key).map(value -> {
            require(value.isString(), key + " must be a word, got ", value);
            return value.stringValue();
        }).orElse(absent);
    }

    private Optional<JsonNode> given(String key) {
        return Optional.of(json.path(key)).filter(value -> !value.isMissingNode() && !value.isNull());
    }

    private static void require(boolean holds, String claim, JsonNode value) {
        if (!holds) {
            throw new IllegalArgumentException(claim + value);
        }
    }

    /** A list of words, where it is there. */
    public Optional<List<String>> texts(String key) {
        JsonNode value = json.path(key);
        if (!value.isArray()) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        value.forEach(element -> texts.add(element.asString("")));
        return Optional.of(texts);
    }

    /** A list of integers, empty where it is absent. */
    public List<Integer> integers(String key) {
        List<Integer> integers = new ArrayList<>();
        for (JsonNode element : json.path(key)) {
            if (!element.isIntegralNumber() || !element.canConvertToInt()) {
                throw new IllegalArgumentException(key + " must hold integers, got " + element);
            }
            integers.add(element.asInt());
        }
        return integers;
    }

    /** An object inside of this one, where it is there. */
    public Optional<ConfigJson> within(String key) {
        return json.path(key).isObject() ? Optional.of(new ConfigJson(json.path(key), where)) : Optional.empty();
    }

    /** The nonlinearity of a name. */
    public Activation activation(String key, String absent) {
        String name = text(key, absent);
        require(key, name, List.copyOf(new TreeSet<>(ACTIVATIONS.keySet())));
        return ACTIVATIONS.get(name);
    }

    /**
     * The rotations of a model. Older files have {@code rope_theta} and {@code rope_scaling}, newer ones
     * {@code rope_parameters}.
     *
     * @param size how many numbers of a head are turned
     * @param theta the base, where none is given
     */
    public Rotary rotary(int size, double theta) {
        return rotary().rotaryHere(size, number("rope_theta", theta));
    }

    /**
     * The share of a head's numbers that are turned: {@code partial_rotary_factor} beside the other settings of the
     * rotations, else under the key that older files have.
     */
    public double rotaryShare(String oldKey, double absent) {
        return rotary().number("partial_rotary_factor", number(oldKey, absent));
    }

    private ConfigJson rotary() {
        return within("rope_parameters").or(() -> within("rope_scaling"))
                .orElseGet(() -> new ConfigJson(JsonNodeFactory.instance.objectNode(), where));
    }

    /** The rotations that this object itself describes. */
    public Rotary rotaryHere(int size, double theta) {
        return new Rotary(size, number("rope_theta", theta), ropeScaling());
    }

    private RopeScaling ropeScaling() {
        String type = text("rope_type", text("type", "default"));
        require("rope_type", type, KNOWN_ROPE_TYPES);
        return switch (type) {
            case "linear" -> new RopeScaling.Linear(number("factor"));
            case "llama3" -> new RopeScaling.Llama3(
                    number("factor"),
                    number("low_freq_factor"),
                    number("high_freq_factor"),
                    number("original_max_position_embeddings"));
            default -> new RopeScaling.None();
        };
    }

    /** Requires a key, where it is given, to have the only value that is computed. */
    public void requireFlag(String key, boolean only) {
        if (flag(key, only) != only) {
            throw new IllegalArgumentException(key + " must be " + only + ", got " + !only);
        }
    }

    /** Requires a word to be one of the known. */
    static void require(String key, String value, List<String> known) {
        if (!known.contains(value)) {
            throw new IllegalArgumentException(key + " must be one of " + known + ", got " + value);
        }
    }

    private Optional<Double> optionalNumber(String key, Optional<Double> absent) {
        JsonNode value = json.path(key);
        if (value.isMissingNode()) {
            return absent;
        }
        if (value.isNull()) {
            return Optional.empty();
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(key + " must be a number, got " + value);
        }
        return Optional.of(value.asDouble());
    }

    private static IllegalArgumentException missing(String key) {
        return new IllegalArgumentException(key + " must be given, got nothing");
    }
}
