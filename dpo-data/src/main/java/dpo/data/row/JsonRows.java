package dpo.data.row;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import dpo.data.example.Excerpt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rows of a JSON file in order: the lines of JSON Lines, or the elements of one array. Rows are split as bytes and
 * parsed one at a time, so that memory is bounded by the largest permitted row.
 */
final class JsonRows {

    /** A strict parser: duplicate keys of an object and content after the value are errors. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(2_000_000)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Receives a row's number and its JSON, which may throw {@link BadRowException}; returns whether to continue. */
    interface Taker {
        boolean take(int number, Supplier<JsonNode> json);
    }

    private final Path path;
    private final RowSplitter cutter;

    JsonRows(Path path, InputStream content) throws IOException {
        this.path = path;
        this.cutter = new RowSplitter(path, content);
    }

    /** Passes rows to the taker until the file ends or the taker stops. */
    void forEachUntil(Taker taker) throws IOException {
        boolean more = true;
        while (more && cutter.next()) {
            int number = cutter.number();
            byte[] row = cutter.row();
            boolean tooLong = cutter.isTooLong();
            boolean ofArray = cutter.isArray();
            if (ofArray || tooLong || !isBlank(row)) {
                more = taker.take(number, () -> ofArray ? element(number, row, tooLong) : parsed(row, tooLong));
            }
        }
    }

    /** Broken JSON in an array is fatal, because the beginning of the next row is unknown. */
    private JsonNode element(int number, byte[] row, boolean tooLong) {
        try {
            return parsed(row, tooLong);
        } catch (BadRowException e) {
            if (e.reason().equals("broken_json")) {
                throw new DataException(e.getMessage() + " (" + path + ", row " + number + " of the array)", e);
            }
            throw e;
        }
    }

    private static JsonNode parsed(byte[] row, boolean tooLong) {
        if (tooLong) {
            throw new BadRowException(
                    "too_large", "row must have at most " + RowSplitter.MOST_BYTES + " bytes, got more");
        }
        String text = decoded(row);
        if (isBlank(row)) {
            throw new BadRowException("broken_json", "row must be JSON, got nothing");
        }
        try {
            return JSON.readTree(text);
        } catch (StreamConstraintsException e) {
            throw new BadRowException("too_large", "row must be JSON of a reasonable size, got: " + firstLine(e));
        } catch (JacksonException e) {
            throw new BadRowException(
                    "broken_json", "row must be JSON, got '" + Excerpt.of(text.strip()) + "': " + firstLine(e));
        }
    }

    private static String decoded(byte[] row) {
        String text = new String(row, StandardCharsets.UTF_8);
        // Malformed bytes are decoded to U+FFFD, which may also be part of the data.
        if (text.indexOf('\uFFFD') >= 0 && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), row)) {
            throw new BadRowException(
                    "broken_text", "row must be UTF-8, got bytes that are not: '" + Excerpt.of(text.strip()) + "'");
        }
        return text;
    }

    private static String firstLine(JacksonException e) {
        // Further lines, and text in brackets or after "enable", are about Jackson's own options.
        String firstLine = e.getOriginalMessage().lines().findFirst().orElse("nothing");
        return Excerpt.of(firstLine.replaceAll(" \\(start marker.*|: enable `.*", ""));
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (!RowSplitter.isSpace(b)) {
                return false;
            }
        }
        return true;
    }
}
