package dpo.torch.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A safetensors file with its header, which has been checked: 8 bytes of little-endian header length, a JSON header
 * {@code {name: {dtype, shape, data_offsets}}}, then the bytes of the tensors without gaps or overlaps.
 *
 * <p>Format: github.com/huggingface/safetensors, "Format". The bytes of tensors stay in the file and are read
 * on demand.
 */
public final class SafetensorsFile {

    /**
     * Bytes of the largest accepted header: enough for 100,000 tensors. The reference implementation accepts six times
     * as many, which no published checkpoint has; a smaller limit bounds the memory that a header can take.
     */
    private static final long LARGEST_HEADER = 1L << 24;

    private static final int LONGEST_NAME = 200;
    private static final int LENGTH_BYTES = 8;
    private static final int CHUNK_BYTES = 1 << 22;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path path;
    private final Map<String, TensorEntry> tensors;
    private final Map<String, String> metadata;

    /** Allocated at its first use: only the headers of most files of a large model are read. */
    private @Nullable ByteBuffer chunk;

    private SafetensorsFile(Path path, Map<String, TensorEntry> tensors, Map<String, String> metadata) {
        this.path = path;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads and checks a file's header.
     *
     * @throws IllegalArgumentException if the file is not a complete safetensors file
     * @throws UncheckedIOException if it cannot be read
     */
    public static SafetensorsFile open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            long dataStart = LENGTH_BYTES + headerLength(path, channel, size);
            HeaderCheck check = new HeaderCheck(path, dataStart, size);
            Map<String, String> metadata = new LinkedHashMap<>();
            forEachEntry(path, bytes(channel, dataStart), (name, value) -> {
                if (name.equals("__metadata__")) {
                    metadata.putAll(metadata(path, value));
                } else {
                    check.add(name, value);
                }
            });
            return new SafetensorsFile(path, check.finish(), metadata);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e, e);
        }
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** Its tensors by name, in the order of the header. */
    public Map<String, TensorEntry> tensors() {
        return tensors;
    }

    /** The header's {@code __metadata__}; empty if absent. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Passes the bytes of a tensor to a consumer, in order, in chunks of whole numbers. They are read instead of
     * mapped: mapped pages would count as memory of the process until garbage collection has found every mapping.
     *
     * @param entry one of {@link #tensors()}
     * @param consumer receives each chunk as a direct, read-only, little-endian buffer that is valid during the call
     */
    public synchronized void forEachChunk(TensorEntry entry, Consumer<ByteBuffer> consumer) {
        ByteBuffer chunk = chunk();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.position(entry.start());
            for (long done = 0; done < entry.bytes(); done += CHUNK_BYTES) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, entry.bytes() - done));
                readFully(channel, chunk);
                consumer.accept(chunk.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + " (tensor " + entry.name() + "): " + e, e);
        }
    }

    /** Reads some numbers of a floating-point tensor as float32. */
    float[] numbers(TensorEntry entry, long from, int count) {
        int size = entry.type().bytes();
        ByteBuffer bytes = ByteBuffer.allocate(count * size).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            readFully(channel.position(entry.start() + from * size), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + " (tensor " + entry.name() + "): " + e, e);
        }
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = entry.type().at(bytes, i);
        }
        return numbers;
    }

    private ByteBuffer chunk() {
        if (chunk == null) {
            chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        }
        return chunk;
    }

    private static long headerLength(Path path, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new IllegalArgumentException("a safetensors file must have at least " + LENGTH_BYTES + " bytes, got "
                    + size + " (" + path + ": truncated?)");
        }
        ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(channel, length);
        long header = length.flip().getLong();
        if (header < 2 || header > LARGEST_HEADER) {
            throw new IllegalArgumentException("header length must be in [2, " + LARGEST_HEADER + "], got "
                    + Long.toUnsignedString(header) + " (" + path + ": not a safetensors file, or damaged)");
        }
        if (LENGTH_BYTES + header > size) {
            throw new IllegalArgumentException("file must hold a header of " + header + " bytes, but has only " + size
                    + " bytes in all (" + path + ": truncated?)");
        }
        return header;
    }

    private static byte[] bytes(FileChannel channel, long dataStart) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) (dataStart - LENGTH_BYTES));
        readFully(channel, bytes);
        return bytes.array();
    }

    /** Reads a header entry by entry, so that an error is found before the rest is in memory. */
    private static void forEachEntry(Path path, byte[] header, BiConsumer<String, JsonNode> consumer) {
        try (JsonParser parser = JSON.createParser(header)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException(
                        "header must be a JSON object, got " + parser.currentToken() + " (" + path + ")");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                consumer.accept(name, parser.readValueAsTree());
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(
                        "header must be one JSON object, got more content after it (" + path + ")");
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "header must be JSON, got: " + e.getOriginalMessage() + " (" + path + ")", e);
        }
    }

    private static Map<String, String> metadata(Path path, JsonNode value) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (!(value.isObject() || value.isNull()) || value.valueStream().anyMatch(text -> !text.isString())) {
            throw new IllegalArgumentException(
                    "__metadata__ must map names to strings, got " + JsonFile.shown(value) + " (" + path + ")");
        }
        value.properties()
                .forEach(field -> metadata.put(field.getKey(), field.getValue().stringValue()));
        return metadata;
    }

    /** A name for a message, shortened if it is long. */
    static String shown(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("end of file after " + channel.position() + " bytes");
            }
        }
    }
}
