package dpo.harness.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file that only grows and that one process writes. A file that was removed, replaced or written by another process is
 * noticed at the next append: the system would let an open file be written long after its name is gone.
 *
 * <p>Symbolic links are not followed. Not thread-safe.
 */
public final class AppendedFile implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;
    private final @Nullable Object identity;
    private final CRC32C checksum = new CRC32C();
    private long bytes;

    private AppendedFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.identity = attributes(file).fileKey();
    }

    /**
     * Creates a file.
     *
     * @throws java.nio.file.FileAlreadyExistsException where something has this name
     */
    public static AppendedFile create(Path file) throws IOException {
        return new AppendedFile(
                file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Opens a file for appending after its first bytes; all that follows them is removed. */
    static AppendedFile keeping(Path file, FileChecksum kept) {
        DurableFiles.truncate(file, kept.bytes());
        try {
            AppendedFile opened = new AppendedFile(
                    file, FileChannel.open(file, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS));
            opened.bytes = FileChecksum.read(file, Long.MAX_VALUE, opened.checksum);
            return opened;
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /** Appends bytes. */
    public void append(byte[] content) {
        try {
            requireInPlace();
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            checksum.update(content);
            bytes += content.length;
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /** All that has been written. */
    FileChecksum extent() {
        return new FileChecksum(bytes, checksum.getValue());
    }

    /** Forces the content to the disk. */
    void force() {
        try {
            requireInPlace();
            channel.force(false);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    /** Makes sure that the file holds exactly what was written. */
    public void requireWhole() {
        try {
            requireInPlace();
            if (!FileChecksum.of(file).equals(extent())) {
                throw new OutputException("file must hold what was written to it, got other content (" + file + ")");
            }
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    private void requireInPlace() throws IOException {
        BasicFileAttributes now;
        try {
            now = attributes(file);
        } catch (NoSuchFileException e) {
            throw new OutputException("file must stay in place while a run writes to it, got no such file (" + file + ")");
        }
        if (!Objects.equals(now.fileKey(), identity) || now.size() != bytes) {
            throw new OutputException(
                    "file must be written by one run only, got a replaced or altered file (" + file + ")");
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }
}
