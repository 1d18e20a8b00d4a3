package dpo.harness.store;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Writes that are whole or not there at all, whenever the process is killed. */
public final class DurableFiles {

    private DurableFiles() {}

    /**
     * Replaces a file's content: write beside it, force to disk, rename over it.
     *
     * @throws OutputException where the file cannot be written
     */
    public static void write(Path file, String content) {
        write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces a file's content, as {@link #write(Path, String)} does. */
    public static void write(Path file, byte[] content) {
        replace(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    /** Replaces a file by its first bytes, as {@link #write(Path, String)} does; it need not exist to be made empty. */
    static void truncate(Path file, long bytes) {
        replace(file, channel -> {
            if (bytes > 0) {
                try (FileChannel old = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                    long copied = 0;
                    while (copied < bytes) {
                        copied += old.transferTo(copied, bytes - copied, channel);
                    }
                }
            }
        });
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Replaces a file: its content is written beside it, into a new file, which is forced to disk and renamed. So neither a
     * symbolic nor a hard link of either name is followed. Where the content cannot be written, the file stays as it was.
     */
    public static void replace(Path file, Content content) {
        Path beside = beside(file);
        try {
            Files.deleteIfExists(beside);
            try (FileChannel channel =
                    FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(beside);
                throw e;
            }
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
        move(beside, file);
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".tmp");
    }

    /** Renames a file or folder, at once where both names are on one file system. */
    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(to.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw OutputException.writing(to, e);
        }
    }

    /** Moves a folder to a place where nothing is; across file systems it is copied as a whole before it is deleted. */
    public static void moveFolder(Path from, Path to) {
        createFolder(to.toAbsolutePath().getParent());
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException acrossFileSystems) {
            writeFolder(to, copy -> copy(from, copy));
            delete(from);
        } catch (IOException e) {
            throw OutputException.writing(to, e);
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.filter(path -> !path.equals(from)).toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()), LinkOption.NOFOLLOW_LINKS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where {@link #writeFolder} keeps the folder that it replaces. */
    public static Path previous(Path folder) {
        return folder.resolveSibling(folder.getFileName() + ".previous");
    }

    /**
     * Makes a folder with its content appear at once: filled beside it, forced to disk, renamed into place. What was there
     * before is kept at {@link #previous}; what had been kept there is deleted first, so that there are never three. A kill
     * in between leaves the old content whole, in the folder or at {@link #previous}.
     *
     * @param folder the folder to appear, in a folder that exists
     * @param fill writes the content into an empty folder
     */
    public static void writeFolder(Path folder, Consumer<Path> fill) {
        Path beside = beside(folder);
        try {
            if (exists(folder)) {
                delete(previous(folder));
            }
            delete(beside);
            try {
                Files.createDirectory(beside);
                fill.accept(beside);
                forceAll(beside);
            } catch (IOException | RuntimeException e) {
                delete(beside);
                throw e;
            }
            if (exists(folder)) {
                Files.move(folder, previous(folder), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(folder.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw OutputException.writing(folder, e);
        } catch (UncheckedIOException e) {
            throw OutputException.writing(folder, e);
        }
    }

    /** Deletes a file or a folder with all it holds; nothing happens where it does not exist. */
    public static void delete(Path path) {
        if (!exists(path)) {
            return;
        }
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, IOException failed) throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw OutputException.writing(path, e);
        }
    }

    /** Whether something has this name, be it a symbolic link to nothing. */
    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Creates a folder in one that must exist, so that a run's folder that was removed is not made again in part. */
    public static Path createFolderWithin(Path folder) {
        try {
            return Files.isDirectory(folder) ? folder : Files.createDirectory(folder);
        } catch (IOException e) {
            throw OutputException.writing(folder, e);
        }
    }

    /** Creates a folder and its parents. */
    public static Path createFolder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw OutputException.writing(folder, e);
        }
    }

    private static void forceAll(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
        forceFolder(folder);
    }

    /** Forces the names in a folder to disk, where the system can. */
    private static void forceFolder(Path folder) throws IOException {
        if (File.separatorChar == '/') {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
