package dpo.data.source;

import dpo.data.DataException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A data file, plain or gzip, read once to its end: content for the reader, checksum for the record. */
final class SourceFile {

    private static final int BUFFER = 1 << 16;

    private SourceFile() {}

    /** What is done with the content. */
    interface Use {
        void with(InputStream content) throws IOException;
    }

    /** Uses the content, then reads on to the end; returns the SHA-256 of the file as it lies on disk. */
    static String read(Path path, Use use) {
        if (!Files.isRegularFile(path)) {
            String found = Files.exists(path) ? "something that is not a file" : "no file there";
            throw new DataException("path must name a data file, got " + found + " (" + path + ")");
        }
        MessageDigest sha256 = sha256();
        try (InputStream raw = new DigestInputStream(Files.newInputStream(path), sha256)) {
            InputStream content = decompressed(path, raw);
            use.with(content);
            content.transferTo(OutputStream.nullOutputStream());
            raw.transferTo(OutputStream.nullOutputStream());
        } catch (EOFException e) {
            throw new DataException("file must be whole, got a gzip stream that is cut short (" + path + ")", e);
        } catch (ZipException e) {
            throw new DataException("file must be sound gzip, got: " + e.getMessage() + " (" + path + ")", e);
        } catch (IOException e) {
            throw new DataException("file must be readable, got " + e.getMessage() + " (" + path + ")", e);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private static InputStream decompressed(Path path, InputStream raw) throws IOException {
        return path.getFileName().toString().endsWith(".gz")
                ? new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER)
                : new BufferedInputStream(raw, BUFFER);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
