package dpo.harness.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Resources of the class path as files: unpacked once per user, into {@code dpo} in the user's cache folder ({@code
 * XDG_CACHE_HOME}, else {@code ~/.cache}, else a folder of the user's own in {@code java.io.tmpdir}). Nothing has to be
 * deleted at exit, and a kill leaves no temporary files. The checksum of a file is verified before each use.
 * Several processes may request the same file at once.
 */
public final class UnpackedResource {

    private UnpackedResource() {}

    /**
     * A file with the content of a resource.
     *
     * @param name end of the file's name
     * @throws OutputException if no folder can be written
     */
    public static Path of(URL resource, String name) {
        try {
            return cached(checksum(resource), name, target -> {
                try (InputStream in = resource.openStream()) {
                    in.transferTo(Channels.newOutputStream(target));
                }
            });
        } catch (IOException e) {
            throw unwritable(name, e);
        }
    }

    /** A file with a text, as {@link #of(URL, String)} makes one. */
    public static Path of(String text, String name) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        try {
            return cached(checksum.getValue(), name, target -> Channels.newOutputStream(target)
                    .write(content));
        } catch (IOException e) {
            throw unwritable(name, e);
        }
    }

    private static OutputException unwritable(String name, IOException e) {
        return new OutputException("resource must be unpacked to the user's cache, got: " + e + " (" + name + ")");
    }

    private static synchronized Path cached(long checksum, String name, DurableFiles.Content content)
            throws IOException {
        Path folder = folder();
        Path file = folder.resolve(HexFormat.of().toHexDigits((int) checksum) + "-" + name);
        try (FolderLock held = FolderLock.awaited(folder)) {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || checksum(file.toUri().toURL()) != checksum) {
                DurableFiles.replace(file, content);
            }
        }
        return file;
    }

    /** CRC-32, which jar files store for their entries. */
    private static long checksum(URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        if (connection instanceof JarURLConnection jar) {
            return jar.getJarEntry().getCrc();
        }
        CheckedInputStream in = new CheckedInputStream(connection.getInputStream(), new CRC32());
        try (in) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return in.getChecksum().getValue();
    }

    /**
     * The folder {@code dpo} in the user's cache.
     *
     * @throws OutputException if no folder can be written
     */
    public static Path cache() {
        try {
            return folder();
        } catch (IOException e) {
            throw OutputException.writing(Path.of("dpo"), e);
        }
    }

    private static Path folder() throws IOException {
        Optional<Path> cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .map(Path::of)
                .filter(Path::isAbsolute);
        Path home = Path.of(System.getProperty("user.home", "?"));
        if (cache.isEmpty() && home.isAbsolute() && Files.isWritable(home)) {
            cache = Optional.of(home.resolve(".cache"));
        }
        if (cache.isPresent()) {
            try {
                Path folder = Files.createDirectories(cache.get().resolve("dpo"));
                if (Files.isWritable(folder)) {
                    return folder;
                }
            } catch (IOException readOnly) {
                // Then the folder for temporary files.
            }
        }
        return ownTemporaryFolder();
    }

    /** A folder to which no other user can have written. */
    private static Path ownTemporaryFolder() throws IOException {
        String user = System.getProperty("user.name", "user").replaceAll("\\W", "_");
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "dpo-" + user);
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(Files.createTempDirectory("dpo"), folder);
        }
        boolean isOwn = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(folder).getName().equals(System.getProperty("user.name"));
        if (!isOwn) {
            throw new IOException("folder must be the user's own (" + folder + ")");
        }
        return folder;
    }
}
