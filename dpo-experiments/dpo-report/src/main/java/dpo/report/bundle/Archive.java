package dpo.report.bundle;

import dpo.core.InvalidInputException;
import dpo.harness.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Reads a bundle. Names and lengths in it are not trusted: nothing is written outside of the given folder. */
final class Archive implements AutoCloseable {

    private static final int LONGEST_MANIFEST = 1 << 28;
    private static final int BUFFER = 1 << 16;
    private static final Pattern UNSAFE = Pattern.compile("(^|/)(\\.{0,2})(/|$)|\\\\|^[A-Za-z]:|\\x00");

    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    private Archive(ZipFile zip) {
        this.zip = zip;
    }

    /**
     * Opens a bundle.
     *
     * @throws InvalidInputException if the file is not a whole zip archive, or has an entry with an unsafe name or two
     *     with one name
     */
    static Archive open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("bundle must be a file, got "
                    + (Files.exists(file) ? "a folder or device" : "no such file") + " (" + file + ")");
        }
        try {
            Archive archive = new Archive(new ZipFile(file.toFile(), StandardCharsets.UTF_8));
            archive.zip.stream().forEach(archive::take);
            return archive;
        } catch (ZipException e) {
            throw new InvalidInputException(
                    "bundle must be a whole zip archive, got a truncated or damaged one, or another file: "
                            + e.getMessage() + " (" + file + ")",
                    e);
        } catch (IOException e) {
            throw new InvalidInputException("bundle must be readable, got: " + e + " (" + file + ")", e);
        }
    }

    private void take(ZipEntry entry) {
        String name = entry.getName();
        if (UNSAFE.matcher(name).find()) {
            throw new InvalidInputException(
                    "names of a bundle's entries must be relative paths within it, got " + name);
        }
        if (entries.put(name, entry) != null) {
            throw new InvalidInputException("names of a bundle's entries must differ, got two of " + name);
        }
    }

    /**
     * The manifest.
     *
     * @throws InvalidInputException if there is none, or it is not as it was written
     */
    BundleManifest manifest() {
        ZipEntry entry = entries.get(BundleManifest.FILE);
        if (entry == null) {
            throw new InvalidInputException(
                    "archive must be a bundle of dpo bundle, with " + BundleManifest.FILE + ", got none");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return BundleManifest.fromText(new String(in.readNBytes(LONGEST_MANIFEST), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InvalidInputException(BundleManifest.FILE + " must be as it was written, got: " + e, e);
        }
    }

    /** The names of entries that the manifest does not have. */
    List<String> extra(BundleManifest manifest) {
        return entries.keySet().stream()
                .filter(name ->
                        !name.equals(BundleManifest.FILE) && !manifest.entries().containsKey(name))
                .sorted()
                .toList();
    }

    /**
     * Writes an entry to a folder.
     *
     * @return how it differs from the manifest; empty if it does not
     */
    Optional<String> extract(String name, BundleManifest.Entry written, Path folder) {
        ZipEntry entry = entries.get(name);
        if (UNSAFE.matcher(name).find() || entry == null) {
            return Optional.of("missing: " + name);
        }
        Path file = folder.resolve(name);
        try (InputStream in = zip.getInputStream(entry)) {
            Files.createDirectories(file.getParent());
            return copy(in, written, file) ? Optional.empty() : Optional.of("changed: " + name);
        } catch (ZipException e) {
            return Optional.of("changed: " + name + " (" + e.getMessage() + ")");
        } catch (IOException e) {
            throw new InvalidInputException("bundle must be readable, got: " + e + " (" + name + ")", e);
        }
    }

    private static boolean copy(InputStream in, BundleManifest.Entry written, Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            int read;
            while (bytes <= written.bytes() && (read = in.read(buffer)) >= 0) {
                digest.update(buffer, 0, read);
                out.write(buffer, 0, read);
                bytes += read;
            }
        }
        return bytes == written.bytes() && Sha256.hex(digest.digest()).equals(written.sha256());
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw new InvalidInputException("bundle must be readable, got: " + e, e);
        }
    }
}
