package dpo.torch.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A safetensors file whose header has been read and checked: 8 bytes little-endian header length, a JSON header
 * {@code {name: {dtype, shape, data_offsets}}}, then the bytes of the tensors without gap or overlap.
 *
 * <p>Format: github.com/huggingface/safetensors, "Format". The bytes of tensors stay in the file and are read
 * when asked for.
 */
public final class SafetensorsFile {

    /** Largest header that the reference implementation accepts. */
    private static final long LARGEST_HEADER = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final int PIECE_BYTES = 1 << 22;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path path;
    private final Map<String, TensorEntry> tensors;
    private final Map<String, String> metadata;

    /** Made when it is first needed: of most files of a large model only the headers are, at first. */
    private @Nullable ByteBuffer piece;

    private SafetensorsFile(Path path, Map<String, TensorEntry> tensors, Map<String, String> metadata) {
        this.path = path;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads and checks a file's header.
     *
     * @throws IllegalArgumentException where the file is not a complete safetensors file: what is wrong, in which file
     * @throws UncheckedIOException where it cannot be read
     */
    public static SafetensorsFile open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            long dataStart = LENGTH_BYTES + headerLength(path, channel, size);
            JsonNode header = header(path, channel, dataStart);
            HeaderCheck check = new HeaderCheck(path, dataStart, size);
            Map<String, String> metadata = new LinkedHashMap<>();
            header.properties().forEach(field -> {
                if (field.getKey().equals("__metadata__")) {
                    field.getValue().properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asString()));
                } else {
                    check.add(field.getKey(), field.getValue());
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

    /** The header's {@code __metadata__}; empty where there is none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Hands the bytes of a tensor to a consumer, in order, in pieces of whole numbers. They are read and not mapped:
     * mapped pages would count as memory of the process until the collector has found every mapping.
     *
     * @param entry one of {@link #tensors()}
     * @param consumer sees each piece as a direct, read-only, little-endian buffer that is valid during the call
     */
    public synchronized void forEachPiece(TensorEntry entry, Consumer<ByteBuffer> consumer) {
        ByteBuffer piece = piece();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.position(entry.start());
            for (long done = 0; done < entry.bytes(); done += PIECE_BYTES) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, entry.bytes() - done));
                readFully(channel, piece);
                consumer.accept(piece.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + " (tensor " + entry.name() + "): " + e, e);
        }
    }

    private ByteBuffer piece() {
        if (piece == null) {
            piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        }
        return piece;
    }

    private static long headerLength(Path path, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new IllegalArgumentException("a safetensors file must have at least " + LENGTH_BYTES
                    + " bytes, got " + size + " (" + path + ": cut short?)");
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
                    + " bytes in all (" + path + ": cut short?)");
        }
        return header;
    }

    private static JsonNode header(Path path, FileChannel channel, long dataStart) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) (dataStart - LENGTH_BYTES));
        readFully(channel, bytes);
        try {
            JsonNode header = JSON.readTree(new String(bytes.array(), StandardCharsets.UTF_8));
            if (!header.isObject()) {
                throw new IllegalArgumentException(
                        "header must be a JSON object, got " + header.getNodeType() + " (" + path + ")");
            }
            return header;
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "header must be JSON, got: " + e.getOriginalMessage() + " (" + path + ")", e);
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("end of file after " + channel.position() + " bytes");
            }
        }
    }
}
