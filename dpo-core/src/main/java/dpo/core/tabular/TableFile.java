package dpo.core.tabular;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Reads and writes binary files of tables of doubles: a string that names the content, then size and numbers of each
 * table.
 */
final class TableFile {

    private TableFile() {}

    static void write(Path file, String content, double[]... tables) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            write(out, content, tables);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** SHA-256 of the file that {@link #write} would write, in hexadecimal. */
    static String fingerprint(String content, double[]... tables) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            write(new DigestOutputStream(OutputStream.nullOutputStream(), sha256), content, tables);
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException("a digest must not fail", e);
        }
    }

    private static void write(OutputStream target, String content, double[]... tables) throws IOException {
        DataOutputStream out = new DataOutputStream(target);
        out.writeUTF(content);
        for (double[] table : tables) {
            out.writeInt(table.length);
            for (double value : table) {
                out.writeDouble(value);
            }
        }
        out.flush();
    }

    /**
     * The tables of a file.
     *
     * @throws IllegalArgumentException if the file has another content or other table sizes, or is truncated
     */
    static double[][] read(Path file, String content, int... sizes) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            String found = in.readUTF();
            if (!found.equals(content)) {
                throw new IllegalArgumentException("file must hold " + content + ", got " + found + " (" + file + ")");
            }
            double[][] tables = new double[sizes.length][];
            for (int i = 0; i < sizes.length; i++) {
                tables[i] = readTable(in, sizes[i], file);
            }
            return tables;
        } catch (EOFException | UTFDataFormatException e) {
            throw new IllegalArgumentException(
                    "file must be complete, got a truncated or damaged one (" + file + ")", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static double[] readTable(DataInputStream in, int size, Path file) throws IOException {
        int found = in.readInt();
        if (found != size) {
            throw new IllegalArgumentException(
                    "table must have " + size + " numbers, got " + found + " (" + file + ")");
        }
        double[] table = new double[size];
        for (int i = 0; i < size; i++) {
            table[i] = in.readDouble();
        }
        return table;
    }
}
