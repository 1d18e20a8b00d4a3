package dpo.harness.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.NumberOutput;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of run folders. A record is written as an object with its components in their order, in snake_case, without
 * those that are an empty {@link java.util.Optional}. Numbers that are not finite are written as null.
 */
public final class Json {

    private static final String CHECKSUM = "sha256";
    private static final Pattern NOT_FINITE = Pattern.compile("Non-standard token '([-+]?(?:NaN|INF|Infinity))'");
    private static final JsonMapper COMPACT = builder().build();
    private static final JsonMapper INDENTED =
            builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {}

    /**
     * Writes numbers as the shortest text that reads back as the same double, since {@code Double.toString} differs by
     * Java version. Refuses duplicate keys.
     */
    private static JsonMapper.Builder builder() {
        return JsonMapper.builder()
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .changeDefaultPropertyInclusion(
                        inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
                .addModule(new SimpleModule()
                        .addSerializer(Double.class, new FiniteSerializer())
                        .addSerializer(double.class, new FiniteSerializer()));
    }

    private static final class FiniteSerializer extends ValueSerializer<Double> {

        @Override
        public void serialize(Double value, JsonGenerator json, SerializationContext context) {
            if (Double.isFinite(value)) {
                json.writeNumber(value);
            } else {
                json.writeNull();
            }
        }
    }

    /** The shortest text that reads back as the same double, equal on every version of Java. */
    public static String number(double value) {
        return NumberOutput.toString(value, true);
    }

    /** One line, without line break. */
    public static String line(Object value) {
        return COMPACT.writeValueAsString(value);
    }

    /** Indented text of an object with a final line break, with the checksum of its content as the last entry. */
    public static String sealed(Object value) {
        ObjectNode sealed = COMPACT.valueToTree(value);
        sealed.put(CHECKSUM, Sha256.of(line(value)));
        return INDENTED.writeValueAsString(sealed) + "\n";
    }

    /**
     * Reads the output of {@link #sealed}.
     *
     * @throws IllegalArgumentException if the text is not a JSON object of this type, or its checksum is wrong
     */
    public static <T> T unsealed(String text, Class<T> type) {
        ObjectNode value = read(text, ObjectNode.class);
        JsonNode checksum = value.remove(CHECKSUM);
        String content = line(value);
        if (checksum == null || !Sha256.of(content).equals(checksum.asString())) {
            throw new IllegalArgumentException("text must have the checksum that was written, got another");
        }
        return read(content, type);
    }

    /**
     * Reads an object of any content.
     *
     * @throws IllegalArgumentException if the text is not a JSON object, or has duplicate keys
     */
    @SuppressWarnings("unchecked") // Jackson reads an object as a map from names
    public static Map<String, Object> read(String text) {
        return read(text, Map.class);
    }

    /**
     * Reads an object into a record.
     *
     * @throws IllegalArgumentException if the text is not a JSON object of this type, or has duplicate keys
     */
    public static <T> T read(String text, Class<T> type) {
        try {
            T object = COMPACT.readValue(text, type);
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
}
