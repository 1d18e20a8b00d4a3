package dpo.nd4j.network;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Checksums of arrays. */
final class Checksum {

    private Checksum() {}

    /** SHA-256 of a text and an array, in hexadecimal. */
    static String of(String text, INDArray values) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            DataOutputStream out =
                    new DataOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
            out.write(text.getBytes(StandardCharsets.UTF_8));
            Nd4j.write(values, out);
            out.flush();
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException("a digest must not fail", e);
        }
    }
}
