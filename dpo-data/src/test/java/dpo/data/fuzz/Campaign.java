package dpo.data.fuzz;

import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;

/**
 * A law checked on many mutants of valid inputs. Mutant {@code i} depends on the seed and {@code i} alone, so a failure
 * can be repeated by its two numbers. The system property {@code dpo.fuzz} sets the number of mutants of every campaign
 * (the Maven profile {@code nightly}: 10,000).
 *
 * @param seed the seed of all mutants
 * @param corpus valid inputs, at least one
 */
public record Campaign(long seed, List<byte[]> corpus) {

    /** The time limit of an input of a few kilobytes, on any machine. */
    private static final Duration HANG = Duration.ofSeconds(60);

    private static final int SHOWN = 4000;

    public Campaign {
        corpus = List.copyOf(corpus);
    }

    /** The law: it returns normally, or throws the failure to report. */
    @FunctionalInterface
    public interface Law {
        void check(byte[] input) throws Exception;
    }

    /** Builds a mutant from the corpus. */
    @FunctionalInterface
    public interface Mutation {
        byte[] mutant(List<byte[]> corpus, SplittableRandom random);
    }

    /**
     * Checks the law on {@code usually} mutants, or on the number in {@code dpo.fuzz}.
     *
     * @throws AssertionError with seed, number and content of the first mutant that breaks the law or hangs
     */
    public void run(int usually, Mutation mutation, Law law) {
        for (int i = 0; i < Integer.getInteger("dpo.fuzz", usually); i++) {
            byte[] mutant = mutant(i, mutation);
            try {
                Assertions.assertTimeoutPreemptively(HANG, () -> law.check(mutant));
            } catch (Throwable broken) { // Failed assertions and stack overflows too: each is reported with its mutant.
                throw new AssertionError(
                        "law broken by mutant " + i + " of seed " + seed + ": " + shown(mutant), broken);
            }
        }
    }

    /** The mutant of a number. */
    public byte[] mutant(int number, Mutation mutation) {
        return mutation.mutant(corpus, new SplittableRandom(seed ^ (number * 0x9E3779B97F4A7C15L)));
    }

    private static String shown(byte[] mutant) {
        return mutant.length + " bytes, base64 "
                + Base64.getEncoder().encodeToString(Arrays.copyOf(mutant, Math.min(SHOWN, mutant.length)));
    }
}
