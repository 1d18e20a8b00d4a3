package dpo.experiments.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An append-only file of JSON objects, one a line, each with its optimizer {@code step}. */
public final class JsonLines implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;

    private JsonLines(Path file) {
        this.file = file;
        try {
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /**
     * Opens a file for appending after a step: lines of later steps, and a torn last line, are taken away, since those
     * steps are about to be done again.
     */
    public static JsonLines appendAfter(Path file, int step) {
        if (Files.exists(file)) {
            List<String> kept = new ArrayList<>();
            for (Map<String, Object> line : read(file)) {
                if (((Number) line.get("step")).intValue() <= step) {
                    kept.add(Json.line(line));
                }
            }
            DurableFiles.write(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
        }
        return new JsonLines(file);
    }

    /** All whole lines of a file; none where it does not exist. A torn last line is no line. */
    public static List<Map<String, Object>> read(Path file) {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String text = Files.readString(file);
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(Json::read).toList();
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /** Appends one line in a single write. */
    public void append(Map<String, ?> line) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(Json.line(line) + "\n");
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /** Forces all lines to the disk, so that a checkpoint never knows of steps that the file has lost. */
    public void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }
}
