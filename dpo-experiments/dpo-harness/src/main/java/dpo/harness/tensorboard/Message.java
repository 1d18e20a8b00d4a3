package dpo.harness.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of a protocol-buffer message, field by field: as much of the wire format as event files need. */
final class Message {

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message varint(int field, long value) {
        key(field, VARINT);
        base128(value);
        return this;
    }

    Message fixed64(int field, double value) {
        key(field, FIXED_64);
        littleEndian(Double.doubleToLongBits(value), Long.BYTES);
        return this;
    }

    Message fixed32(int field, double value) {
        key(field, FIXED_32);
        littleEndian(Float.floatToIntBits((float) value), Integer.BYTES);
        return this;
    }

    Message text(int field, String value) {
        return delimited(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
        return delimited(field, value.bytes());
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private Message delimited(int field, byte[] value) {
        key(field, LENGTH_DELIMITED);
        base128(value.length);
        bytes.writeBytes(value);
        return this;
    }

    private void key(int field, int wireType) {
        base128((long) field << 3 | wireType);
    }

    /** Seven bits per byte, lowest first; the high bit marks a continuation. */
    private void base128(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void littleEndian(long bits, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (bits >>> (8 * i)));
        }
    }
}
