package dpo.harness.store;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The exclusive right to write to an output folder; the system releases it when the process ends. */
public final class FolderLock implements AutoCloseable {

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of a folder, which is created if absent.
     *
     * @throws OutputException if the folder cannot be written or another process holds the lock
     */
    public static FolderLock of(Path folder) {
        return locked(folder, channel -> isFree(channel, false))
                .orElseThrow(() -> new OutputException("output folder must be used by one process at a time, got one in"
                        + " use by another (" + folder + ")"));
    }

    /**
     * Takes a part in the lock of a folder, which is created if absent: several processes may have one, and then none the
     * lock itself. A file system without locks counts as free.
     *
     * @throws OutputException if the folder cannot be written or another process holds the lock
     */
    public static FolderLock shared(Path folder) {
        return sharedIfFree(folder)
                .orElseThrow(() -> new OutputException("output folder must be used by workers only, got one in use by"
                        + " another command (" + folder + ")"));
    }

    /**
     * Takes a part in the lock of a folder like {@link #shared}; empty if another process holds the lock, or another thread
     * has a part.
     *
     * @throws OutputException if the folder cannot be written
     */
    public static Optional<FolderLock> sharedIfFree(Path folder) {
        return locked(folder, channel -> isFree(channel, true));
    }

    /**
     * Takes the lock of a folder as soon as no other process holds it; this process must not hold it. A file system without
     * locks counts as free.
     *
     * @throws OutputException if the folder cannot be written
     */
    public static FolderLock awaited(Path folder) {
        return locked(folder, FolderLock::isTaken).orElseThrow();
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.lock().isValid();
        } catch (IOException e) {
            // What is written under this lock is replaced file by file, so that two writers do no harm.
            return requireNoLocks(e);
        }
    }

    /** A lock that cannot be asked for: some shared file systems have none. */
    private static boolean requireNoLocks(IOException e) throws IOException {
        if (e instanceof FileLockInterruptionException || e instanceof ClosedChannelException) {
            throw e;
        }
        return true;
    }

    /** Takes the lock of an open file, if it can. */
    private interface Attempt {
        boolean succeeds(FileChannel channel) throws IOException;
    }

    private static Optional<FolderLock> locked(Path folder, Attempt attempt) {
        Path file = DurableFiles.createFolder(folder).resolve(".lock");
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            if (!attempt.succeeds(channel)) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new FolderLock(channel));
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    private static boolean isFree(FileChannel channel, boolean isShared) throws IOException {
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, isShared);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            // What workers share is protected by leases.
            if (!isShared) {
                throw e;
            }
            return requireNoLocks(e);
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
