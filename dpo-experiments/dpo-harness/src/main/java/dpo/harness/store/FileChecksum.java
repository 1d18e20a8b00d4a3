package dpo.harness.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Length and checksum of a file, or of its first bytes.
 *
 * @param bytes length
 * @param crc32c CRC-32C of these bytes (RFC 3720)
 */
public record FileChecksum(long bytes, long crc32c) {

    /** The checksum of no bytes. */
    public static final FileChecksum NONE = new FileChecksum(0, 0);

    private static final int BUFFER = 1 << 16;

    /**
     * The checksum of a whole file.
     *
     * @throws OutputException if it cannot be read
     */
    public static FileChecksum of(Path file) {
        try {
            return of(file, Long.MAX_VALUE);
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** The checksum of the first bytes of a file, or of the whole file if it is shorter. */
    static FileChecksum of(Path file, long atMost) throws IOException {
        CRC32C checksum = new CRC32C();
        long bytes = read(file, atMost, checksum);
        return new FileChecksum(bytes, checksum.getValue());
    }

    /** Adds the first bytes of a file to a checksum; returns their number. */
    static long read(Path file, long atMost, CRC32C checksum) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            int read;
            while (bytes < atMost && (read = in.read(buffer, 0, (int) Math.min(BUFFER, atMost - bytes))) >= 0) {
                checksum.update(buffer, 0, read);
                bytes += read;
            }
        }
        return bytes;
    }
}
