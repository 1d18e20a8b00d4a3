package dpo.harness.cache;

import dpo.harness.store.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file of a kind of values, with a checksum.
 *
 * @param <T> kind of value
 */
public interface CacheFormat<T> {

    /** Writes a value to an empty file. */
    void write(T value, FileChannel file) throws IOException;

    /**
     * Reads a value.
     *
     * @throws IOException if the file cannot be read
     * @throws RuntimeException if it is not exactly as it was written
     */
    T read(Path file) throws IOException;

    /** Records as JSON. */
    static <T extends Record> CacheFormat<T> json(Class<T> type) {
        return new CacheFormat<>() {
            @Override
            public void write(T value, FileChannel file) throws IOException {
                ByteBuffer bytes = ByteBuffer.wrap(Json.sealed(value).getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }

            @Override
            public T read(Path file) throws IOException {
                return Json.unsealed(Files.readString(file), type);
            }
        };
    }
}
