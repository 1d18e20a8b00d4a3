package dpo.core.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Independent random streams of one seed, named by their purpose ({@code "shuffle"}, {@code "init"}, …).
 *
 * <p>The state of a stream is the SHA-256 of seed and purpose. Streams of similar seeds are therefore unrelated, and
 * drawing from one stream does not change another.
 *
 * @param seed seed of the run
 */
public record RandomStreams(long seed) {

    /** A new generator at the beginning of a stream; equal seeds and purposes give equal numbers. */
    public RandomGenerator stream(String purpose) {
        return new SplittableRandom(ByteBuffer.wrap(digest(purpose)).getLong());
    }

    private byte[] digest(String purpose) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
            return sha256.digest(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
