package dpo.torch.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the JSON files of a model folder. They are untrusted: their size is bounded, and every error names the file.
 * {@code NaN} and {@code Infinity} are numbers, as for the Python programs that write these files.
 */
public final class JsonFile {

    /** Bytes of the largest accepted file: an index of 100,000 tensors has 10 million. */
    static final long LARGEST = 1L << 24;

    private static final int SHOWN = 100;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .build();

    private JsonFile() {}

    /**
     * Reads the object in a file.
     *
     * @throws IllegalArgumentException if the file is too large or holds anything else
     * @throws UncheckedIOException if it cannot be read
     */
    public static ObjectNode read(Path path) {
        try {
            if (Files.size(path) > LARGEST) {
                throw new IllegalArgumentException(path.getFileName() + " must have at most " + LARGEST + " bytes, got "
                        + Files.size(path) + " (" + path + ")");
            }
            return parse(Files.readAllBytes(path), path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e, e);
        }
    }

    /**
     * Parses the object in the bytes of a file.
     *
     * @throws IllegalArgumentException if they are not a JSON object
     */
    public static ObjectNode parse(byte[] content, Path path) {
        try {
            JsonNode json = JSON.readTree(content);
            if (json instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException(
                    path.getFileName() + " must be an object, got " + json.getNodeType() + " (" + path + ")");
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    path.getFileName() + " must be JSON, got: " + e.getOriginalMessage() + " (" + path + ")", e);
        }
    }

    /** The JSON tree of values. */
    public static ObjectNode of(Object values) {
        return JSON.valueToTree(values);
    }

    /** The indented text of a tree. */
    public static String text(Object values) {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(values);
    }

    /** A value for a message, shortened if it is long. */
    public static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "nothing" : value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
