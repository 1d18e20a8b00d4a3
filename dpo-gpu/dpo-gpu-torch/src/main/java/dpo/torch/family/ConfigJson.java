package dpo.torch.family;

import dpo.core.setting.Requirement;
import dpo.torch.checkpoint.JsonFile;
import dpo.torch.nn.Activation;
import dpo.torch.nn.SoftCap;
import dpo.torch.nn.attention.RopeScaling;
import dpo.torch.nn.attention.RotaryEmbedding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Typed access to the {@code config.json} of transformers. A key that is absent or null has the default that the caller
 * gives, unless null is a value of its own, as in {@link #optionalInteger}.
 */
public final class ConfigJson {

    /** The largest width, vocabulary or number of heads: far beyond any model, and the product of two fits a long. */
    private static final int LARGEST_SIZE = 1 << 24;

    /** The largest number of layers, since layers are created before their tensors are looked up. */
    private static final int MOST_LAYERS = 10_000;

    private static final List<String> KNOWN_ROPE_TYPES = List.of("default", "linear", "llama3");
    private static final SortedMap<String, Activation> ACTIVATIONS = new TreeMap<>(Map.of(
            "silu", Activation.SILU,
            "swish", Activation.SILU,
            "gelu", Activation.GELU,
            "gelu_python", Activation.GELU,
            "gelu_fast", Activation.GELU_TANH,
            "gelu_new", Activation.GELU_TANH,
            "gelu_pytorch_tanh", Activation.GELU_TANH));

    private final ObjectNode json;
    private final String where;

    private ConfigJson(ObjectNode json, String where) {
        this.json = json;
        this.where = where;
    }

    /**
     * Parses a configuration.
     *
     * @param text content of {@code config.json}
     * @param path its file, for messages
     * @throws IllegalArgumentException if it is not a JSON object
     */
    public static ConfigJson parse(String text, Path path) {
        return new ConfigJson(JsonFile.parse(text.getBytes(StandardCharsets.UTF_8), path), " (" + path + ")");
    }

    /**
     * Reads a configuration.
     *
     * @throws IllegalArgumentException if the file does not hold a JSON object
     */
    public static ConfigJson read(Path path) {
        return new ConfigJson(JsonFile.read(path), " (" + path + ")");
    }

    /** A configuration with these keys, without a file. */
    public static ConfigJson of(Map<String, ?> values) {
        return new ConfigJson(JsonFile.of(values), "");
    }

    /** The text of the file with dtype float32, in which weights are written. */
    public String asFloat32() {
        return JsonFile.text(json.deepCopy().put(json.has("dtype") ? "dtype" : "torch_dtype", "float32"));
    }

    /** The same configuration with a head that is not tied to the embedding. */
    public ConfigJson untied() {
        return new ConfigJson(json.deepCopy().put("tie_word_embeddings", false), where);
    }

    /** Reads keys; an error names the file. */
    <T> T located(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + where, e);
        }
    }

    /** A required integer. */
    public int integer(String key) {
        return optionalInteger(key, OptionalInt.empty()).orElseThrow(() -> missing(key));
    }

    /** An integer with a default. */
    public int integer(String key, int absent) {
        return optionalInteger(key, OptionalInt.empty()).orElse(absent);
    }

    /** A required size, such as a width or a number of heads. */
    public int size(String key) {
        return atMost(LARGEST_SIZE, key, integer(key));
    }

    /** A size, such as a width or a number of heads, with a default. */
    public int size(String key, int absent) {
        return atMost(LARGEST_SIZE, key, integer(key, absent));
    }

    /** The number of layers. */
    public int layers(String key) {
        return Requirement.atLeast(key, atMost(MOST_LAYERS, key, integer(key)), 1);
    }

    private static int atMost(int most, String key, int value) {
        if (value > most) {
            throw new IllegalArgumentException(key + " must be at most " + most + ", got " + value);
        }
        return value;
    }

    /** An integer that may be null, which differs from absent. */
    public OptionalInt optionalInteger(String key, OptionalInt absent) {
        JsonNode value = json.path(key);
        if (value.isMissingNode()) {
            return absent;
        }
        if (value.isNull()) {
            return OptionalInt.empty();
        }
        if (!isInteger(value)) {
            throw new IllegalArgumentException(key + " must be an integer, got " + JsonFile.shown(value));
        }
        return OptionalInt.of(value.asInt());
    }

    /** A required number. */
    public double number(String key) {
        return optionalNumber(key, Optional.empty()).orElseThrow(() -> missing(key));
    }

    /** A number with a default. */
    public double number(String key, double absent) {
        return optionalNumber(key, Optional.empty()).orElse(absent);
    }

    /** A soft cap; null, which differs from absent, means none. */
    public Optional<SoftCap> softCap(String key, Optional<Double> absent) {
        return optionalNumber(key, absent).map(SoftCap::new);
    }

    /** A boolean with a default. */
    public boolean flag(String key, boolean absent) {
        return given(key, "true or false", JsonNode::isBoolean, JsonNode::asBoolean)
                .orElse(absent);
    }

    /** A string with a default. */
    public String text(String key, String absent) {
        return given(key, "a string", JsonNode::isString, JsonNode::stringValue).orElse(absent);
    }

    private <T> Optional<T> given(String key, String type, Predicate<JsonNode> isOfType, Function<JsonNode, T> read) {
        JsonNode value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        require(isOfType.test(value), key + " must be " + type + ", got ", value);
        return Optional.of(read.apply(value));
    }

    private static void require(boolean holds, String claim, JsonNode value) {
        if (!holds) {
            throw new IllegalArgumentException(claim + JsonFile.shown(value));
        }
    }

    /** A list of strings, if present. */
    public Optional<List<String>> texts(String key) {
        return given(key, "a list of strings", listOf(JsonNode::isString), value -> value.valueStream()
                .map(JsonNode::stringValue)
                .toList());
    }

    /** A list of integers; empty if absent. */
    public List<Integer> integers(String key) {
        return given(key, "a list of integers", listOf(ConfigJson::isInteger), value -> value.valueStream()
                        .map(JsonNode::intValue)
                        .toList())
                .orElse(List.of());
    }

    private static Predicate<JsonNode> listOf(Predicate<JsonNode> isItem) {
        return value -> value.isArray() && value.valueStream().allMatch(isItem);
    }

    private static boolean isInteger(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt();
    }

    /** A nested object, if present. */
    public Optional<ConfigJson> within(String key) {
        return given(key, "an object", JsonNode::isObject, value -> new ConfigJson((ObjectNode) value, where));
    }

    /** The activation function of a name. */
    public Activation activation(String key, String absent) {
        String name = text(key, absent);
        return Optional.ofNullable(ACTIVATIONS.get(name)).orElseThrow(() -> unknown(key, name, ACTIVATIONS.keySet()));
    }

    /**
     * The rotary embedding of a model. Older files have {@code rope_theta} and {@code rope_scaling}, newer ones {@code
     * rope_parameters}.
     *
     * @param size number of elements of a head that are rotated
     * @param theta default of the base
     */
    public RotaryEmbedding rotary(int size, double theta) {
        return rotary().rotaryHere(size, number("rope_theta", theta));
    }

    /**
     * The rotated share of a head's elements: {@code partial_rotary_factor} with the other rotary settings, or the key
     * of older files.
     */
    public double rotaryShare(String oldKey, double absent) {
        return rotary().number("partial_rotary_factor", number(oldKey, absent));
    }

    private ConfigJson rotary() {
        return within("rope_parameters")
                .or(() -> within("rope_scaling"))
                .orElseGet(() -> new ConfigJson(JsonNodeFactory.instance.objectNode(), where));
    }

    /** The rotary embedding that this object itself describes. */
    public RotaryEmbedding rotaryHere(int size, double theta) {
        return new RotaryEmbedding(size, number("rope_theta", theta), ropeScaling());
    }

    private RopeScaling ropeScaling() {
        String type = text("rope_type", text("type", "default"));
        require("rope_type", type, KNOWN_ROPE_TYPES);
        return switch (type) {
            case "linear" -> new RopeScaling.Linear(number("factor"));
            case "llama3" ->
                new RopeScaling.Llama3(
                        number("factor"),
                        number("low_freq_factor"),
                        number("high_freq_factor"),
                        number("original_max_position_embeddings"));
            default -> new RopeScaling.None();
        };
    }

    /** Requires a key, if present, to have the only supported value. */
    public void requireFlag(String key, boolean only) {
        if (flag(key, only) != only) {
            throw new IllegalArgumentException(key + " must be " + only + ", got " + !only);
        }
    }

    /** Requires a string to be one of the known values. */
    static void require(String key, String value, List<String> known) {
        if (!known.contains(value)) {
            throw unknown(key, value, known);
        }
    }

    private static IllegalArgumentException unknown(String key, String value, Collection<String> known) {
        return new IllegalArgumentException(key + " must be one of " + known + ", got " + value);
    }

    private Optional<Double> optionalNumber(String key, Optional<Double> absent) {
        JsonNode value = json.path(key);
        if (value.isMissingNode()) {
            return absent;
        }
        if (value.isNull()) {
            return Optional.empty();
        }
        require(value.isNumber(), key + " must be a number, got ", value);
        require(Double.isFinite(value.asDouble()), key + " must be finite, got ", value);
        return Optional.of(value.asDouble());
    }

    private static IllegalArgumentException missing(String key) {
        return new IllegalArgumentException(key + " must be given, got nothing");
    }
}
