package dpo.harness.store;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** An append-only file of JSON objects, one per line. */
public final class JsonLines implements AutoCloseable {

    private final AppendedFile file;

    private JsonLines(AppendedFile file) {
        this.file = file;
    }

    /** Opens a file for appending after its first bytes and truncates the rest. */
    public static JsonLines keeping(Path file, FileChecksum kept) {
        return new JsonLines(AppendedFile.keeping(file, kept));
    }

    /**
     * All complete lines of a file; none if it does not exist. A torn last line is ignored.
     *
     * @throws OutputException if a complete line is not a JSON object, or the file cannot be read
     */
    public static List<Map<String, Object>> read(Path file) {
        List<Map<String, Object>> lines = new ArrayList<>();
        forEach(file, Json::read, lines::add);
        return lines;
    }

    /** Like {@link #read(Path)}, with each line as a record. */
    static <T> List<T> read(Path file, Class<T> type) {
        List<T> lines = new ArrayList<>();
        forEach(file, line -> Json.read(line, type), lines::add);
        return lines;
    }

    /** The error of the first complete line that is not an object of a type; empty if there is none. */
    static Optional<String> damage(Path file, Class<?> type) {
        try {
            forEach(file, line -> Json.read(line, type), line -> {});
            return Optional.empty();
        } catch (OutputException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static <T> void forEach(Path file, Function<String, T> reader, Consumer<T> action) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            String text = Files.readString(file);
            int number = 0;
            for (String line : (Iterable<String>)
                    text.substring(0, text.lastIndexOf('\n') + 1).lines()::iterator) {
                number++;
                action.accept(object(line, reader, file, number));
            }
        } catch (CharacterCodingException e) {
            throw new OutputException("file must be UTF-8, got other bytes (" + file + ")");
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    private static <T> T object(String line, Function<String, T> reader, Path file, int number) {
        try {
            return reader.apply(line);
        } catch (IllegalArgumentException e) {
            throw new OutputException(
                    "line must be a JSON object, got damaged text (" + file + ", line " + number + ")");
        }
    }

    /** Appends one line in a single write. */
    public void append(Object line) {
        file.append((Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The length and checksum of everything written so far. */
    public FileChecksum extent() {
        return file.extent();
    }

    /** Forces all lines to the disk, so that a checkpoint never counts on lines that the file has lost. */
    public void force() {
        file.force();
    }

    /** Requires that the file contains exactly the written bytes. */
    public void requireWhole() {
        file.requireWhole();
    }

    @Override
    public void close() {
        file.close();
    }
}
