package dpo.torch.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The dtypes in files of weights, named as in the safetensors format. Weights are floating-point; old checkpoints hold
 * masks in the other dtypes.
 */
public enum DataType {
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper half of binary32. */
    BF16(2),
    /** Booleans, one per byte. */
    BOOL(1),
    /** Unsigned bytes. */
    U8(1);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per number. */
    public int bytes() {
        return bytes;
    }

    /** Whether weights can have this dtype. */
    public boolean isFloat() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** A number in a little-endian buffer as float32, for floating-point dtypes. */
    float at(ByteBuffer bytes, int index) {
        return switch (this) {
            case F32 -> bytes.getFloat(Float.BYTES * index);
            case BF16 -> Float.intBitsToFloat(bytes.getShort(Short.BYTES * index) << 16);
            case F16 -> widened(bytes.getShort(Short.BYTES * index));
            case BOOL, U8 -> throw new IllegalArgumentException("type must be of floating-point numbers, got " + this);
        };
    }

    /** The value of an IEEE 754 binary16 number: sign, 5 bits of exponent, 10 bits of fraction. */
    private static float widened(short half) {
        int exponent = half >> 10 & 0x1f;
        int fraction = half & 0x3ff;
        float magnitude =
                switch (exponent) {
                    case 0 -> Math.scalb(fraction, -24);
                    case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
                    default -> Math.scalb(0x400 + fraction, exponent - 25);
                };
        return half < 0 ? -magnitude : magnitude;
    }

    /** The dtype of a safetensors {@code dtype} name; empty if it is none of these. */
    static Optional<DataType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
