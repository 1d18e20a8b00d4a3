package dpo.harness.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.NumberOutput;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON of run folders, as plain maps. Numbers that are not finite are written as null. */
public final class Json {

    private static final String CHECKSUM = "sha256";
    private static final Pattern NOT_FINITE = Pattern.compile("Non-standard token '([-+]?(?:NaN|INF|Infinity))'");
    private static final JsonMapper COMPACT = builder().build();
    private static final JsonMapper INDENTED =
            builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    /**
     * Writes numbers as the shortest text that reads back as the same double, since {@code Double.toString} differs by
     * Java version. Rejects duplicate keys.
     */
    private static JsonMapper.Builder builder() {
        return JsonMapper.builder()
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION);
    }

    /** The shortest text that reads back as the same double, equal on every version of Java. */
    public static String number(double value) {
        return NumberOutput.toString(value, true);
    }

    /** One line, without line break. */
    public static String line(Map<String, ?> value) {
        return COMPACT.writeValueAsString(finite(value));
    }

    /** Indented text with a final line break. */
    public static String text(Map<String, ?> value) {
        return INDENTED.writeValueAsString(finite(value)) + "\n";
    }

    /** Indented text of an object, with the checksum of its content as the last entry. */
    public static String sealed(Map<String, ?> value) {
        Map<String, Object> sealed = new LinkedHashMap<>(value);
        sealed.put(CHECKSUM, Sha256.of(line(value)));
        return text(sealed);
    }

    /**
     * Reads the output of {@link #sealed}.
     *
     * @return the object without the checksum
     * @throws IllegalArgumentException if the text is no JSON object, or its checksum is wrong
     */
    public static Map<String, Object> unsealed(String text) {
        Map<String, Object> value = read(text);
        Object checksum = value.remove(CHECKSUM);
        if (!Sha256.of(line(value)).equals(checksum)) {
            throw new IllegalArgumentException("text must have the checksum that was written, got another");
        }
        return value;
    }

    /**
     * Reads an object.
     *
     * @throws IllegalArgumentException if the text is no JSON object, or has duplicate keys
     */
    @SuppressWarnings("unchecked") // Jackson reads an object as a map from names
    public static Map<String, Object> read(String text) {
        try {
            Map<String, Object> object = COMPACT.readValue(text, Map.class);
            if (object == null) {
                throw new IllegalArgumentException("text must be a JSON object, got: null");
            }
            return object;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("text must be a JSON object, got: " + problem(e), e);
        }
    }

    /** The parser's message; for a number that is not finite, without the name of a parser option. */
    private static String problem(JacksonException e) {
        Matcher notFinite = NOT_FINITE.matcher(e.getOriginalMessage());
        return notFinite.lookingAt() ? notFinite.group(1) + ", but numbers of JSON are finite" : e.getOriginalMessage();
    }

    private static Object finite(Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return null;
        } else if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(key, finite(item)));
            return copy;
        } else if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(finite(item)));
            return copy;
        }
        return value;
    }
}
