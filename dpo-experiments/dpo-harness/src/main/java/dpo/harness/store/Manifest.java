package dpo.harness.store;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The files of a folder with their checksums, which detect missing, truncated and altered files.
 *
 * @param files by path relative to the folder, with slashes
 */
public record Manifest(@JsonValue SortedMap<String, FileChecksum> files) {

    /** No files. */
    public static final Manifest NONE = new Manifest(Collections.emptySortedMap());

    @JsonCreator
    public Manifest {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /** The regular files below some paths of a folder; a path may be a file, a folder, a link to a folder, or absent. */
    public static Manifest of(Path folder, Iterable<Path> below) {
        SortedMap<String, FileChecksum> files = new TreeMap<>();
        for (Path start : below) {
            if (!Files.exists(start)) {
                continue;
            }
            try {
                files.putAll(below(start, folder.relativize(start)));
            } catch (IOException e) {
                throw OutputException.reading(start, e);
            }
        }
        return new Manifest(files);
    }

    private static SortedMap<String, FileChecksum> below(Path start, Path name) throws IOException {
        SortedMap<String, FileChecksum> files = new TreeMap<>();
        Path root = Files.isDirectory(start) ? start.toRealPath() : start;
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                files.put(name.resolve(root.relativize(file)).toString().replace('\\', '/'), FileChecksum.of(file));
            }
        }
        return files;
    }

    /** Without the files below a folder. */
    public Manifest without(String folder) {
        SortedMap<String, FileChecksum> others = new TreeMap<>(files);
        others.keySet().removeIf(file -> file.startsWith(folder.replace('\\', '/') + "/"));
        return new Manifest(others);
    }

    /** The error of the first file that is not intact; empty if all are. */
    public Optional<String> damage(Path folder) {
        return damage(folder, FileChecksum::of);
    }

    /**
     * Like {@link #damage(Path)}.
     *
     * @param checksum the checksum of a file
     */
    public Optional<String> damage(Path folder, Function<Path, FileChecksum> checksum) {
        return damage(folder, file -> true, checksum);
    }

    /**
     * Like {@link #damage(Path)}, but reads only some of the files.
     *
     * @param read the files whose content is compared; of the others only the length is
     * @param checksum the checksum of a file
     */
    Optional<String> damage(Path folder, Predicate<Path> read, Function<Path, FileChecksum> checksum) {
        return files.entrySet().stream()
                .map(entry -> damage(folder, entry.getKey(), entry.getValue(), read, checksum))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Like {@link #damage(Path)}, for files that may have grown since: only their first bytes are compared. */
    public Optional<String> damageAtBegin(Path folder) {
        return files.entrySet().stream()
                .filter(entry -> !beginsWith(folder.resolve(entry.getKey()), entry.getValue()))
                .map(entry -> entry.getKey() + " must begin with the "
                        + entry.getValue().bytes() + " bytes that were written, got others")
                .findFirst();
    }

    private static boolean beginsWith(Path file, FileChecksum written) {
        try {
            return FileChecksum.of(file, written.bytes()).equals(written);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    private static Optional<String> damage(
            Path folder,
            String name,
            FileChecksum written,
            Predicate<Path> read,
            Function<Path, FileChecksum> checksum) {
        Path file = folder.resolve(name);
        try {
            long bytes = Files.size(file);
            if (bytes != written.bytes()) {
                return Optional.of(
                        name + " must have the " + written.bytes() + " bytes that were written, got " + bytes);
            }
            boolean isWhole = !read.test(file) || checksum.apply(file).equals(written);
            return isWhole
                    ? Optional.empty()
                    : Optional.of(name + " must have the checksum that was written, got another");
        } catch (NoSuchFileException e) {
            return Optional.of(name + " must exist, got no such file");
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }
}
