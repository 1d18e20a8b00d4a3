package dpo.data.row;

import dpo.data.DataException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A data file, plain or gzip, read once to its end: content for the reader, checksum for the provenance. */
final class SourceFile {

    private static final int BUFFER = 1 << 16;

    private SourceFile() {}

    /** The reader of the content. */
    interface Use {
        void with(InputStream content) throws IOException;
    }

    /** Passes the content to its reader, then reads to the end; returns the SHA-256 of the file on disk. */
    static String read(Path path, Use use) {
        if (!Files.isRegularFile(path)) {
            String found = Files.exists(path) ? "something that is not a file" : "no such file";
            throw new DataException("path must name a data file, got " + found + " (" + path + ")");
        }
        MessageDigest sha256 = sha256();
        try (InputStream raw = new DigestInputStream(Files.newInputStream(path), sha256)) {
            InputStream content = decompressed(path, raw);
            use.with(content);
            content.transferTo(OutputStream.nullOutputStream());
            raw.transferTo(OutputStream.nullOutputStream());
        } catch (EOFException e) {
            throw new DataException("file must be complete, got a truncated gzip stream (" + path + ")", e);
        } catch (ZipException e) {
            throw new DataException("file must be valid gzip, got: " + e.getMessage() + " (" + path + ")", e);
        } catch (IOException e) {
            throw new DataException("file must be readable, got " + e + " (" + path + ")", e);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** Decompresses gzip, recognised by the name of the file or by its first two bytes. */
    private static InputStream decompressed(Path path, InputStream raw) throws IOException {
        PushbackInputStream begun = new PushbackInputStream(raw, 2);
        byte[] first = begun.readNBytes(2);
        begun.unread(first);
        boolean gzip = first.length == 2 && first[0] == 0x1f && first[1] == (byte) 0x8b;
        return gzip || path.getFileName().toString().endsWith(".gz") ? new WholeGzip(begun) : begun;
    }

    /** Gzip members up to the end of the file; Java's stream ends silently where something else follows a member. */
    private static final class WholeGzip extends GZIPInputStream {

        private static final int TRAILER = 8;

        WholeGzip(InputStream raw) throws IOException {
            super(raw, BUFFER);
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int count = super.read(into, from, length);
            if (count < 0 && length > 0 && (inf.getRemaining() > TRAILER || in.read() >= 0)) {
                throw new ZipException("something that is not gzip after a gzip stream");
            }
            return count;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
