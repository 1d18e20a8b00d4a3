package dpo.harness.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML 1.2 (core schema) into a {@link ConfigNode} tree, in bounded time and memory for any text:
 * {@link YamlComposer} defines the limits of a document, and a file has at most {@value #MOST_BYTES} bytes.
 */
final class YamlReader {

    /** The largest configuration. */
    static final int MOST_BYTES = 1 << 20;

    private YamlReader() {}

    /**
     * The mapping in a file.
     *
     * @throws ConfigException if the file is missing, not a regular file or too large, is not YAML, or holds no mapping
     */
    static ConfigNode.Mapping readFile(Path file) {
        return mapping(text(file), file);
    }

    /**
     * The mapping in the text of a file.
     *
     * @throws ConfigException if it is not YAML, or holds no mapping
     */
    static ConfigNode.Mapping mapping(String text, Path file) {
        ConfigNode node =
                read(text, file.toString(), file.toAbsolutePath().normalize().resolveSibling(""));
        if (node instanceof ConfigNode.Mapping mapping) {
            return mapping;
        }
        throw refused(
                "must be a mapping of keys, got " + (isEmpty(text) ? "an empty file" : node.text()), node.place());
    }

    private static boolean isEmpty(String text) {
        return text.lines().map(String::strip).allMatch(line -> line.isEmpty() || line.startsWith("#"));
    }

    /** Parses a text that is one YAML document. */
    static ConfigNode read(String text, String source, Path folder) {
        Place start = new Place(source, 0, 0, folder);
        if (text.length() > MOST_BYTES) {
            throw refused("must have at most " + MOST_BYTES + " characters, got " + text.length(), start);
        }
        YamlComposer composer = new YamlComposer(source, folder);
        try {
            return composer.compose(text);
        } catch (MarkedYamlEngineException e) {
            throw refused("must be YAML: " + e.getProblem(), composer.place(e.getProblemMark()));
        } catch (YamlEngineException e) {
            throw refused("must be YAML: " + e.getMessage(), start);
        }
    }

    /**
     * Reads the text of a configuration file.
     *
     * @throws ConfigException if it is missing, not a regular file, too large, or no UTF-8 text
     */
    static String text(Path file) {
        Place start = new Place(file.toString(), 0, 0, Path.of(""));
        if (!Files.isRegularFile(file)) {
            // A pipe can be read only once, a device endlessly.
            throw refused(
                    !Files.exists(file)
                            ? "must exist, found no such file"
                            : "must be a file, got " + (Files.isDirectory(file) ? "a folder" : "a pipe or a device"),
                    start);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw refused("must have at most " + MOST_BYTES + " bytes, got " + Files.size(file), start);
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused("must be UTF-8 text", start);
        } catch (IOException e) {
            throw refused("must be readable: " + e.getMessage(), start);
        }
    }

    private static ConfigException refused(String problem, Place place) {
        return new ConfigException(new ConfigError("", "config " + problem, place));
    }
}
