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

/** Atomic writes: after a kill at any moment a file is either complete or absent. */
public final class DurableFiles {

    private DurableFiles() {}

    /**
     * Replaces a file's content: writes a temporary file, forces it to disk and renames it.
     *
     * @throws OutputException if the file cannot be written
     */
    public static void write(Path file, String content) {
        write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces a file's content like {@link #write(Path, String)}. */
    public static void write(Path file, byte[] content) {
        replace(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    /** Truncates a file to its first bytes, atomically; creates an empty file if none exists. */
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
     * Replaces a file: its content is written to a new file in the same folder, forced to disk and renamed. Neither
     * symbolic nor hard links are followed. If the content cannot be written, the file is unchanged.
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

    /**
     * Replaces a file like {@link #replace}, for content that another library writes to a path.
     *
     * @param write writes the file at the given path, which does not exist
     */
    public static void replaceByFile(Path file, Consumer<Path> write) {
        Path beside = beside(file);
        try {
            Files.deleteIfExists(beside);
            try {
                write.accept(beside);
                force(beside);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(beside);
                throw e;
            }
        } catch (IOException | UncheckedIOException e) {
            throw OutputException.writing(file, e);
        }
        move(beside, file);
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".tmp");
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new OutputException("output must be within a folder, got " + path);
        }
        return parent;
    }

    /** Renames a file or folder, atomically within one file system. */
    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(parent(to));
        } catch (IOException e) {
            throw OutputException.writing(to, e);
        }
    }

    /** Moves a folder to a free name; across file systems it is copied completely before it is deleted. */
    public static void moveFolder(Path from, Path to) {
        createParent(to);
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

    /** The name to which {@link #writeFolder} moves the folder that it replaces. */
    public static Path previous(Path folder) {
        return folder.resolveSibling(folder.getFileName() + ".previous");
    }

    /**
     * Writes a folder atomically: fills a temporary folder, forces it to disk and renames it. A folder of that name is
     * moved to {@link #previous}, whose old content is deleted first, so that there are never three. A kill in between
     * leaves the old content complete, in the folder or at {@link #previous}.
     *
     * @param folder the folder to write; its parent exists
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
            forceFolder(parent(folder));
        } catch (IOException | UncheckedIOException e) {
            throw OutputException.writing(folder, e);
        }
    }

    /** Deletes a file or a folder recursively, if it exists. */
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

    /** Whether the name is taken, also by a dangling symbolic link. */
    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Creates a folder in an existing one, so that a removed run folder is not recreated in part. */
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

    /** Creates the folder of a file, and its parents. */
    public static void createParent(Path file) {
        createFolder(parent(file));
    }

    private static void forceAll(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path path : files.toList()) {
                if (Files.isDirectory(path)) {
                    forceFolder(path);
                } else if (Files.isRegularFile(path)) {
                    force(path);
                }
            }
        }
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Forces the entries of a folder to disk, if the system supports it. */
    private static void forceFolder(Path folder) throws IOException {
        if (File.separatorChar == '/') {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
