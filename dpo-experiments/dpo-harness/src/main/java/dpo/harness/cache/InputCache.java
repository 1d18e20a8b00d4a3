package dpo.harness.cache;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.FileChecksum;
import dpo.harness.store.FolderLock;
import dpo.harness.store.InputFile;
import dpo.harness.store.OutputException;
import dpo.harness.store.Sha256;
import dpo.harness.store.UnpackedResource;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values that earlier starts computed from inputs, in a folder.
 *
 * <p>The key of a value names everything that decides it: the content of the files, settings, versions of the code. So no
 * value is ever out of date, and deleting the folder costs time only. A file is written under another name and renamed,
 * and checked whenever it is read: after a kill, or if its bytes have changed, the value is computed again. Several
 * processes may use one folder; if they need the same value at once, one computes it and the others wait. A folder that
 * cannot be written only costs the time.
 */
public final class InputCache {

    /** The environment variable with the folder; empty for no cache. */
    public static final String VARIABLE = "DPO_CACHE";

    private static final Logger LOG = LoggerFactory.getLogger(InputCache.class);
    private static final String VALUE = "value";

    /** Length from which files are large. */
    private static final long LARGE = 1 << 20;

    private final Optional<Path> folder;

    private InputCache(Optional<Path> folder) {
        this.folder = folder;
    }

    /** A cache that computes each value. */
    public static InputCache none() {
        return new InputCache(Optional.empty());
    }

    /**
     * A cache in a folder, which is created if absent.
     *
     * @throws OutputException if it cannot be created
     */
    public static InputCache in(Path folder) {
        return new InputCache(Optional.of(DurableFiles.createFolder(folder.toAbsolutePath())));
    }

    /**
     * The cache that the environment names, else that of the user, see {@link UnpackedResource#cache}.
     *
     * @throws OutputException if the named folder cannot be created
     */
    public static InputCache of(Map<String, String> environment) {
        String named = environment.get(VARIABLE);
        if (named != null) {
            return named.isEmpty() ? none() : in(Path.of(named));
        }
        try {
            return in(UnpackedResource.cache());
        } catch (OutputException noFolder) {
            return none();
        }
    }

    /** The folder; empty if there is none. */
    public Optional<Path> folder() {
        return folder;
    }

    /**
     * A value.
     *
     * @param kind name of a folder for values of this kind
     * @param key names everything that decides the value; asked again after a computation, whose value is kept only if no
     *     input has changed meanwhile
     * @param compute computes the value where the cache does not have it
     */
    public synchronized <T> T get(String kind, Supplier<String> key, CacheFormat<T> format, Supplier<T> compute) {
        if (folder.isEmpty()) {
            return compute.get();
        }
        String asked = key.get();
        Path entry = folder.get().resolve(kind).resolve(Sha256.of(asked));
        Optional<T> found = read(entry, format);
        if (found.isPresent()) {
            return found.get();
        }
        Optional<FolderLock> lock = lock(entry);
        try {
            return read(entry, format).orElseGet(() -> {
                T value = compute.get();
                return lock.isPresent() && key.get().equals(asked) ? stored(entry, format, value) : value;
            });
        } finally {
            lock.ifPresent(FolderLock::close);
        }
    }

    private static <T> Optional<T> read(Path entry, CacheFormat<T> format) {
        Path file = entry.resolve(VALUE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(format.read(file));
        } catch (IOException | RuntimeException damaged) {
            LOG.warn("cached file must be as it was written, got: {} ({}); it is computed again", damaged, file);
            return Optional.empty();
        }
    }

    private static Optional<FolderLock> lock(Path entry) {
        try {
            return Optional.of(FolderLock.awaited(entry));
        } catch (OutputException | OverlappingFileLockException unwritable) { // or this process has it elsewhere
            LOG.warn("{}; nothing is cached", unwritable.toString());
            return Optional.empty();
        }
    }

    /** Reads back what it writes, so that the first start computes with the same bytes in the same form as later ones. */
    private static <T> T stored(Path entry, CacheFormat<T> format, T value) {
        try {
            DurableFiles.replace(entry.resolve(VALUE), file -> format.write(value, file));
        } catch (OutputException unwritable) {
            LOG.warn("{}; nothing is cached", unwritable.getMessage());
        }
        return read(entry, format).orElse(value);
    }

    /** What was read of a file. */
    private interface Known {
        /** The stamp that it had. */
        FileStamp stamp();
    }

    private record KnownContent(FileStamp stamp, InputFile content) implements Known {}

    private record KnownChecksum(FileStamp stamp, FileChecksum checksum) implements Known {}

    /**
     * The content of a file, read only if its stamp has changed since it was last read.
     *
     * @throws OutputException if it cannot be read
     */
    public InputFile file(Path file) {
        return file(file, Instant.now());
    }

    InputFile file(Path file, Instant now) {
        return known(file, now, "files", KnownContent.class, stamp -> new KnownContent(stamp, InputFile.of(file)))
                .map(KnownContent::content)
                .orElseGet(() -> InputFile.of(file));
    }

    /**
     * The checksum of a file, read only if its stamp has changed since it was last read. Small files are always read, which
     * costs no more than to ask the cache.
     *
     * @throws OutputException if it cannot be read
     */
    public FileChecksum checksum(Path file) {
        return checksum(file, Instant.now());
    }

    FileChecksum checksum(Path file, Instant now) {
        if (file.toFile().length() < LARGE) {
            return FileChecksum.of(file);
        }
        return known(
                        file,
                        now,
                        "checksums",
                        KnownChecksum.class,
                        stamp -> new KnownChecksum(stamp, FileChecksum.of(file)))
                .map(KnownChecksum::checksum)
                .orElseGet(() -> FileChecksum.of(file));
    }

    /** What is known of a file, read if its stamp has changed; empty without a cache, or where files have no stamp. */
    private synchronized <T extends Record & Known> Optional<T> known(
            Path file, Instant now, String kind, Class<T> type, Function<FileStamp, T> read) {
        Optional<FileStamp> stamp = folder.flatMap(cache -> FileStamp.of(file));
        if (stamp.isEmpty()) {
            return Optional.empty();
        }
        Path entry = folder.get().resolve(kind).resolve(Sha256.of(stamp.get().path()));
        CacheFormat<T> format = CacheFormat.json(type);
        Optional<T> known = read(entry, format).filter(each -> each.stamp().equals(stamp.get()));
        if (known.isPresent()) {
            return known;
        }
        T value = read.apply(stamp.get());
        if (stamp.get().isOlderThan(now) && FileStamp.of(file).equals(stamp)) {
            lock(entry).ifPresent(lock -> {
                stored(entry, format, value);
                lock.close();
            });
        }
        return Optional.of(value);
    }

    /** The content of a path like {@link InputFile#at}, of the files whose names are wanted. */
    public SortedMap<String, InputFile> at(Path path, Predicate<String> wanted) {
        return InputFile.at(path, wanted, this::file);
    }
}
