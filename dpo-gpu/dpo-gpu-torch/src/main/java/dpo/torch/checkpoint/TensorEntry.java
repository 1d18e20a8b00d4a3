package dpo.torch.checkpoint;

import java.util.List;

/**
 * A tensor in a safetensors file.
 *
 * @param name of the tensor
 * @param type dtype of its numbers
 * @param shape size of each dimension, the last one contiguous
 * @param start position of its first byte in the file
 * @param bytes number of bytes: the product of the shape times the bytes of the type
 */
public record TensorEntry(String name, DataType type, List<Long> shape, long start, long bytes) {

    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /** The number of its elements. */
    public long numbers() {
        return bytes / type.bytes();
    }
}
