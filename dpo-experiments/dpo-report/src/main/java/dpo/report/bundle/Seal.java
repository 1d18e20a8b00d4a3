package dpo.report.bundle;

import dpo.harness.store.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * The hash of all other bytes of an archive, as its comment, which is its last part. It covers what the hashes of the
 * entries do not: headers, names and the order of entries.
 */
final class Seal {

    private static final int LENGTH = 64;
    private static final int BUFFER = 1 << 16;

    /** The comment until the archive is sealed. */
    static final String NONE = "0".repeat(LENGTH);

    private Seal() {}

    /** Writes the seal over the comment {@link #NONE} of a closed archive. */
    static void write(Path archive) throws IOException {
        ByteBuffer seal = StandardCharsets.US_ASCII.encode(hash(archive));
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.WRITE)) {
            channel.write(seal, channel.size() - LENGTH);
        }
    }

    /** Whether an archive has the bytes that were written. */
    static boolean isIntact(Path archive) throws IOException {
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
            ByteBuffer seal = ByteBuffer.allocate(LENGTH);
            channel.read(seal, Math.max(0, channel.size() - LENGTH));
            return new String(seal.array(), StandardCharsets.ISO_8859_1).equals(hash(archive));
        }
    }

    private static String hash(Path archive) throws IOException {
        MessageDigest digest = Sha256.digest();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
            long left = channel.size() - LENGTH;
            while (left > 0) {
                buffer.clear().limit((int) Math.min(BUFFER, left));
                left -= channel.read(buffer);
                digest.update(buffer.flip());
            }
        }
        return Sha256.hex(digest.digest());
    }
}
