package dpo.data.source;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a JSON file, one after another. */
interface JsonRows {

    /** A strict reader: a key that stands twice in an object, and anything after the value, is an error. */
    JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE) // The rest of a file is still to be read, for its checksum.
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Takes a row's number and its JSON, which may throw {@link BadRowException}; says whether to go on. */
    interface Taker {
        boolean take(int number, Supplier<JsonNode> json);
    }

    /** Opens the rows of a file. */
    interface Opener {
        JsonRows open(Path path, InputStream content);
    }

    /** Hands over row after row until there are no more or the taker has enough. */
    void forEachUntil(Taker taker) throws IOException;

    /** One object a line. */
    static JsonRows ofLines(Path path, InputStream content) {
        return taker -> {
            int number = 0;
            boolean more = true;
            while (more) {
                byte[] line = line(content);
                number++;
                if (!isBlank(line)) {
                    more = taker.take(number, () -> parsed(line));
                }
                more &= line.length > 0;
            }
        };
    }

    /** One array of objects. */
    static JsonRows ofArray(Path path, InputStream content) {
        return taker -> {
            try (JsonParser parser = JSON.createParser(content)) {
                if (parser.nextToken() != JsonToken.START_ARRAY) {
                    throw new DataException("file must be a JSON array of rows, got something else (" + path + ")");
                }
                int number = 0;
                boolean more = true;
                while (more && parser.nextToken() != JsonToken.END_ARRAY) {
                    number++;
                    JsonNode row = parser.readValueAsTree();
                    more = taker.take(number, () -> row);
                }
                if (more && parser.nextToken() != null) {
                    throw new DataException("file must be one JSON array, got more after it (" + path + ")");
                }
            } catch (JacksonIOException e) {
                throw e.getCause();
            } catch (JacksonException e) {
                throw new DataException("file must be a JSON array, got: " + told(e) + " (" + path + ", line "
                        + e.getLocation().getLineNr() + ")", e);
            }
        };
    }

    private static JsonNode parsed(byte[] line) {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            throw new BadRowException("broken_json", "row must be JSON, got: " + told(e));
        }
    }

    private static String told(JacksonException e) {
        // Behind the first line, and in brackets, Jackson tells of its own options and not of the row.
        String firstLine = e.getOriginalMessage().lines().findFirst().orElse("nothing");
        return firstLine.replaceAll(" \\(start marker.*", "");
    }

    /** The next line with its line feed; empty at the end. Lines are cut as bytes, so that a bad one stands alone. */
    private static byte[] line(InputStream content) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = content.read(); b >= 0; b = content.read()) {
            line.write(b);
            if (b == '\n') {
                break;
            }
        }
        return line.toByteArray();
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }
}
