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
 * An append-only file with a single writer. The next append detects that the file was removed, replaced or written by
 * another process, which the system itself does not report for an open file.
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
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken
     */
    public static AppendedFile create(Path file) throws IOException {
        return new AppendedFile(file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Opens a file for appending after its first bytes and truncates the rest. */
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

    /** The length and checksum of everything written so far. */
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

    /** Requires that the file contains exactly the written bytes. */
    public void requireWhole() {
        try {
            requireInPlace();
            if (!FileChecksum.of(file).equals(extent())) {
                throw new OutputException(
                        "file must be unchanged since it was written, got other content (" + file + ")");
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
            throw new OutputException(
                    "file must stay in place while a run writes to it, got no such file (" + file + ")");
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
