package dpo.experiments.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;

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
        Path beside = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
        move(beside, file);
    }

    /** Renames a whole file over another, at once. */
    public static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw OutputException.writing(to, e);
        }
    }

    /** Where {@link #writeFolder} keeps the folder that it is about to replace. */
    public static Path previous(Path folder) {
        return folder.resolveSibling(folder.getFileName() + ".previous");
    }

    /**
     * Makes a folder with its content appear at once: filled beside it, forced to disk, renamed into place. A kill in
     * between leaves the old content whole, in the folder or at {@link #previous}.
     *
     * @param folder the folder to appear; what was there before is replaced
     * @param fill writes the content into an empty folder
     */
    public static void writeFolder(Path folder, Consumer<Path> fill) {
        Path beside = folder.resolveSibling(folder.getFileName() + ".tmp");
        try {
            delete(beside);
            Files.createDirectories(beside);
            fill.accept(beside);
            forceAll(beside);
            if (Files.exists(folder)) {
                delete(previous(folder));
                Files.move(folder, previous(folder), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
            delete(previous(folder));
        } catch (IOException e) {
            throw OutputException.writing(folder, e);
        } catch (UncheckedIOException e) {
            throw OutputException.writing(folder, e);
        }
    }

    /** Deletes a file or a folder with all it holds; nothing happens where it does not exist. */
    public static void delete(Path path) {
        if (!Files.exists(path)) {
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
    }
}
