package dpo.torch.checkpoint;

import java.nio.ByteBuffer;
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

    /** A number of a little-endian buffer as float32, for types of floating-point numbers. */
    float at(ByteBuffer bytes, int index) {
        return switch (this) {
            case F32 -> bytes.getFloat(Float.BYTES * index);
            case BF16 -> Float.intBitsToFloat(bytes.getShort(Short.BYTES * index) << 16);
            case F16 -> widened(bytes.getShort(Short.BYTES * index));
            case BOOL, U8 -> throw new IllegalArgumentException("type must be of floating-point numbers, got " + this);
        };
    }

    /** The value of an IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
    private static float widened(short half) {
        int exponent = half >> 10 & 0x1f;
        int fraction = half & 0x3ff;
        float magnitude = switch (exponent) {
            case 0 -> Math.scalb(fraction, -24);
            case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Math.scalb(0x400 + fraction, exponent - 25);
        };
        return half < 0 ? -magnitude : magnitude;
    }

    /** The type of a safetensors {@code dtype}, empty where it is none of these. */
    static Optional<DataType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
