package dpo.torch.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/** The number formats in which weights can be stored. The names are those of the safetensors format. */
public enum DataType {
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper half of binary32. */
    BF16(2);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes a number. */
    public int bytes() {
        return bytes;
    }

    /** The type of a safetensors {@code dtype}, empty where it is none of these. */
    static Optional<DataType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
