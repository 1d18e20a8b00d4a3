package dpo.torch.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes float32 tensors to a safetensors file. */
public final class SafetensorsWriter {

    /** Tensor bytes begin at a multiple of this, as the reference implementation aligns them. */
    private static final int ALIGNMENT = 8;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SafetensorsWriter() {}

    /**
     * A float32 tensor to write.
     *
     * @param name of the tensor
     * @param shape size of each dimension
     * @param bytes its bytes
     */
    public record TensorData(String name, List<Long> shape, Chunks bytes) {

        public TensorData {
            shape = List.copyOf(shape);
        }

        private long size() {
            return shape.stream().reduce((long) DataType.F32.bytes(), Math::multiplyExact);
        }
    }

    /** The bytes of a tensor, little-endian and in order, in chunks. */
    @FunctionalInterface
    public interface Chunks {

        /** Passes each chunk to a consumer; a chunk need only be valid during the call. */
        void forEach(Consumer<ByteBuffer> consumer);
    }

    /**
     * Writes a new file and forces it to disk.
     *
     * @param path must not exist
     * @param metadata the header's {@code __metadata__}
     * @param tensors in the order of their bytes in the file
     * @throws UncheckedIOException if the file exists or cannot be written
     */
    public static void write(Path path, Map<String, String> metadata, List<TensorData> tensors) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(channel, header(metadata, tensors));
            for (TensorData tensor : tensors) {
                long start = channel.position();
                tensor.bytes().forEach(chunk -> writeFully(channel, chunk));
                if (channel.position() - start != tensor.size()) {
                    throw new IllegalArgumentException("a tensor must have " + tensor.size() + " bytes, got "
                            + (channel.position() - start) + " (tensor " + tensor.name() + ")");
                }
            }
            channel.force(true);
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e.getCause(), e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e, e);
        }
    }

    private static ByteBuffer header(Map<String, String> metadata, List<TensorData> tensors) {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode about = header.putObject("__metadata__");
        metadata.forEach(about::put);
        long offset = 0;
        for (TensorData tensor : tensors) {
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", DataType.F32.name());
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            entry.putArray("data_offsets").add(offset).add(offset + tensor.size());
            offset += tensor.size();
        }
        byte[] json = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
