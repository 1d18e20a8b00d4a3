package dpo.torch.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/**
 * The number formats that are found in files of weights. The names are those of the safetensors format. Only floats are
 * weights; old checkpoints hold masks in the others.
 */
public enum DataType {
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper half of binary32. */
    BF16(2),
    /** A truth value a byte. */
    BOOL(1),
    /** Unsigned bytes. */
    U8(1);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes a number. */
    public int bytes() {
        return bytes;
    }

    /** Whether weights can be of this type. */
    public boolean isFloat() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** The type of a safetensors {@code dtype}, empty where it is none of these. */
    static Optional<DataType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
