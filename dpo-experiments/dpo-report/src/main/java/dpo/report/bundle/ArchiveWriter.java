package dpo.report.bundle;

import dpo.harness.store.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a zip archive whose bytes depend on names and contents alone, and hashes its entries. */
final class ArchiveWriter implements AutoCloseable {

    /** The earliest time that a zip archive can store. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private static final int BUFFER = 1 << 16;

    private final ZipOutputStream zip;
    private final SortedMap<String, BundleManifest.Entry> entries = new TreeMap<>();

    ArchiveWriter(OutputStream out) {
        zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        zip.setLevel(Deflater.DEFAULT_COMPRESSION);
        zip.setComment(Seal.NONE);
    }

    /** Everything that was added. */
    SortedMap<String, BundleManifest.Entry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    void add(String name, String text) throws IOException {
        add(name, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    void add(String name, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            add(name, in);
        }
    }

    private void add(String name, InputStream in) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        int read;
        while ((read = in.read(buffer)) >= 0) {
            digest.update(buffer, 0, read);
            zip.write(buffer, 0, read);
            bytes += read;
        }
        zip.closeEntry();
        entries.put(name, new BundleManifest.Entry(bytes, Sha256.hex(digest.digest())));
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
