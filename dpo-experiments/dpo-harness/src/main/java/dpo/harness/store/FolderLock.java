package dpo.harness.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The right of one process to write into an output folder; the system gives it back however the process ends. */
public final class FolderLock implements AutoCloseable {

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of a folder, which is created where it does not exist.
     *
     * @throws OutputException where the folder cannot be written or another process holds it
     */
    public static FolderLock of(Path folder) {
        Path file = DurableFiles.createFolder(folder).resolve(".lock");
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            if (!held(channel)) {
                channel.close();
                throw new OutputException("output folder must have one writer at a time, got one to which another"
                        + " process is writing (" + folder + ")");
            }
            return new FolderLock(channel);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    private static boolean held(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new OutputException("lock must be released, got: " + e.getMessage());
        }
    }
}
