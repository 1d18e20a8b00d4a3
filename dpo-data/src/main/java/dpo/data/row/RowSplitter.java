package dpo.data.row;

import dpo.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Splits a file into the bytes of its rows: at line feeds, or at the commas of one array where its first character is
 * an opening bracket. At most one row is in memory; a row that is too long is skipped without being stored.
 */
final class RowSplitter {

    /** The maximum number of bytes of a row. */
    static final int MOST_BYTES = 16 << 20;

    private static final int END = -1;

    private final Path path;
    private final InputStream content;
    private final byte[] buffer = new byte[1 << 16];
    private final ByteArrayOutputStream row = new ByteArrayOutputStream();
    private int at;
    private int filled;
    private final boolean array;
    private int number;
    private boolean ended;
    private boolean tooLong;

    RowSplitter(Path path, InputStream content) throws IOException {
        this.path = path;
        this.content = content;
        fill();
        FileKind.requireText(path, Arrays.copyOf(buffer, filled));
        if (filled >= 3 && buffer[0] == (byte) 0xEF && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF) {
            at = 3; // The byte order mark of UTF-8.
        }
        int lines = skipSpace();
        this.array = peek() == '[';
        this.number = array ? 0 : lines;
        at += array ? 1 : 0;
    }

    /** Whether the file is an array. */
    boolean isArray() {
        return array;
    }

    /** The number of the row: its line, or its position in the array, from 1. */
    int number() {
        return number;
    }

    /** The bytes of the row; only some of them if it is too long. */
    byte[] row() {
        return row.toByteArray();
    }

    /** Whether the row has more than {@link #MOST_BYTES}. */
    boolean isTooLong() {
        return tooLong;
    }

    /** Reads the next row; returns false if there is none. */
    boolean next() throws IOException {
        return array ? nextElement() : nextLine();
    }

    private boolean nextLine() throws IOException {
        if (peek() == END) {
            return false;
        }
        if (readUntil(b -> b == '\n')) {
            at++;
        }
        return true;
    }

    private boolean nextElement() throws IOException {
        skipSpace();
        if (ended || (number == 0 && peek() == ']')) {
            at += ended ? 0 : 1;
            requireNothingMore();
            return false;
        }
        if (!readUntil(new Nesting()::endsAt)) {
            throw new DataException(
                    "file must be a complete JSON array, got its end within row " + number + " (" + path + ")");
        }
        ended = buffer[at++] == ']';
        return true;
    }

    /** Whether a row ends before a byte. */
    private interface RowEnd {
        boolean isAt(byte b);
    }

    /** Reads a row up to the byte that ends it; returns false if the file ends first. */
    private boolean readUntil(RowEnd end) throws IOException {
        number++;
        row.reset();
        tooLong = false;
        while (peek() != END) {
            int to = at;
            while (to < filled && !end.isAt(buffer[to])) {
                to++;
            }
            tooLong |= row.size() + (to - at) > MOST_BYTES;
            if (!tooLong) {
                row.write(buffer, at, to - at);
            }
            at = to;
            if (at < filled) {
                return true;
            }
        }
        return false;
    }

    /** The state of the scan of an array element: depth of brackets, and whether inside a string. */
    private static final class Nesting {

        private int depth;
        private boolean quoted;
        private boolean escaped;

        /** Whether the element ends before the next byte. */
        boolean endsAt(byte b) {
            if (quoted) {
                quoted = escaped || b != '"';
                escaped = !escaped && b == '\\';
                return false;
            }
            if (depth <= 0 && (b == ',' || b == ']')) {
                return true;
            }
            quoted = b == '"';
            depth += b == '{' || b == '[' ? 1 : b == '}' || b == ']' ? -1 : 0;
            return false;
        }
    }

    private void requireNothingMore() throws IOException {
        skipSpace();
        if (peek() != END) {
            throw new DataException("file must be one JSON array, got more content after it (" + path + ")");
        }
    }

    /** Skips white space; returns the number of line feeds in it. */
    private int skipSpace() throws IOException {
        int lines = 0;
        while (isSpace(peek())) {
            lines += buffer[at] == '\n' ? 1 : 0;
            at++;
        }
        return lines;
    }

    static boolean isSpace(int b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private int peek() throws IOException {
        if (at == filled) {
            fill();
        }
        return at < filled ? buffer[at] & 0xFF : END;
    }

    private void fill() throws IOException {
        at = 0;
        filled = content.readNBytes(buffer, 0, buffer.length);
    }
}
