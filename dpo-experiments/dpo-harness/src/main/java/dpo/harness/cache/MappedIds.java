package dpo.harness.cache;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/** Token ids at the beginning of a file, mapped into memory part by part, since a mapping has at most 2 GB. */
final class MappedIds {

    private static final long PART = 1L << 28;

    private final FileChannel file;
    private final long count;
    private long at;
    private IntBuffer part = IntBuffer.allocate(0);

    /**
     * @param count number of ids, 4 bytes each, little-endian
     */
    MappedIds(FileChannel file, long count) {
        this.file = file;
        this.count = count;
    }

    /** The next ids, which stay mapped when the file is closed. */
    IntBuffer next(int length) throws IOException {
        if (part.remaining() < length) {
            long mapped = Math.min(count - at, Math.max(PART, length));
            part = file.map(MapMode.READ_ONLY, Integer.BYTES * at, Integer.BYTES * mapped)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer();
        }
        IntBuffer ids = part.slice(part.position(), length);
        part.position(part.position() + length);
        at += length;
        return ids;
    }
}
