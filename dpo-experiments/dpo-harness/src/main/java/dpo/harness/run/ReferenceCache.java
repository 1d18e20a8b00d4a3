package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.data.batch.MicroBatches;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.Sha256;
import dpo.train.NonFinite;
import dpo.train.Progress;
import dpo.train.ReferenceLogProbs;
import dpo.train.StopRequested;
import dpo.train.StoredReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/**
 * A cache of reference log-probabilities, computed once per reference and list of preferences for all cells of a sweep.
 *
 * <p>A file is named by the hash of the model, the backend, the preferences and their batches, since the composition of
 * a batch can change the last bits of its numbers. It grows by one batch at a time, so that an interrupted computation
 * resumes after the last complete batch. Layout: for each batch the rows of the completions of its preferences, best
 * first, as big-endian doubles; then the batch's CRC-32C as a long, which detects batches that a power cut damaged.
 *
 * <p>Thread-safe: one thread computes while others, and other processes with {@link Leases}, that request the same
 * numbers wait. If it stops or fails, the next
 * one resumes after its last complete batch.
 */
public final class ReferenceCache {

    private static final int CHECKSUM = Long.BYTES;

    private final Path folder;
    private final Optional<Leases> leases;
    private final BooleanSupplier stopRequested;
    private final Map<String, StoredReference> loaded = new ConcurrentHashMap<>();
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    /**
     * Creates a cache in a folder.
     *
     * @param folder the folder, created at the first use
     * @param leases of the processes that share the folder; empty if there is one process only
     * @param stopRequested polled after every batch
     */
    public ReferenceCache(Path folder, Optional<Leases> leases, BooleanSupplier stopRequested) {
        this.folder = folder;
        this.leases = leases;
        this.stopRequested = stopRequested;
    }

    /**
     * The log-probabilities of preferences under a reference.
     *
     * @param reference the policy before its first step
     * @param backendHash hash of the code that computes them, because rounding depends on it
     * @param preferences the preferences
     * @param microBatches the rule by which the preferences are split into batches
     * @throws InvalidInputException if a log-probability of the reference is not finite
     * @throws StopRequested if a stop is requested, after the current batch or after waiting for another thread
     */
    ReferenceLogProbs of(
            Policy reference,
            String backendHash,
            List<Preference> preferences,
            MicroBatches microBatches,
            Progress progress) {
        List<List<Integer>> plan = microBatches.cut(Preference.distinctTokens(preferences));
        String key = Sha256.of(
                reference.fingerprint() + "\n" + backendHash + "\n" + PreparedData.hash(preferences) + "\n" + plan);
        ReentrantLock lock = locks.computeIfAbsent(key, unseen -> new ReentrantLock());
        boolean waited = !lock.tryLock();
        if (waited) {
            lock.lock();
        }
        try {
            StoredReference known = loaded.get(key);
            if (known == null) {
                if (waited && stopRequested.getAsBoolean()) {
                    throw new StopRequested();
                }
                known = complete(key, reference, preferences, plan, progress);
                loaded.put(key, known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** The right to write a file, as soon as no other process has it. */
    private Lease lease(String key) {
        if (leases.isEmpty()) {
            return Lease.ALONE;
        }
        Optional<Lease> lease = leases.get().claim("reference-" + key);
        while (lease.isEmpty()) {
            StopRequested.throwIf(stopRequested);
            leases.get().await();
            lease = leases.get().claim("reference-" + key);
        }
        return lease.get();
    }

    private StoredReference complete(
            String key, Policy reference, List<Preference> preferences, List<List<Integer>> plan, Progress progress) {
        Path file = DurableFiles.createFolder(folder).resolve(key + ".f64");
        List<PreferenceBatch> batches = plan.stream()
                .map(indices -> new PreferenceBatch(
                        indices.stream().map(preferences::get).toList()))
                .toList();
        // What another process has completed needs no lease.
        Optional<StoredReference> known =
                leases.isPresent() ? whole(file, batches, plan, preferences.size()) : Optional.empty();
        if (known.isPresent()) {
            return known.get();
        }
        try (Lease lease = lease(key)) {
            return complete(file, reference, batches, plan, new LeasedProgress(progress, lease));
        }
    }

    /** Reads the batches in a file; empty if it does not hold exactly all of them. */
    private static Optional<StoredReference> whole(
            Path file, List<PreferenceBatch> batches, List<List<Integer>> plan, int preferences) {
        double[][] tokens = new double[preferences][];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int i = 0; i < batches.size(); i++) {
                ByteBuffer bytes = ByteBuffer.allocate(bytes(batches.get(i)));
                if (!isWhole(channel, bytes)) {
                    return Optional.empty();
                }
                unpack(bytes, batches.get(i), plan.get(i), tokens);
            }
            return channel.position() == channel.size()
                    ? Optional.of(new StoredReference(List.of(tokens)))
                    : Optional.empty();
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** Reads the batches in the file, computes the rest and appends them. */
    private StoredReference complete(
            Path file, Policy reference, List<PreferenceBatch> batches, List<List<Integer>> plan, Progress progress) {
        int preferences = batches.stream().mapToInt(PreferenceBatch::size).sum();
        double[][] tokens = new double[preferences][];
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int whole = 0;
            long end = 0;
            int done = 0;
            for (PreferenceBatch batch : batches) {
                ByteBuffer bytes = ByteBuffer.allocate(bytes(batch));
                if (!isWhole(channel, bytes)) {
                    break;
                }
                unpack(bytes, batch, plan.get(whole++), tokens);
                end += bytes.capacity();
                done += batch.size();
            }
            if (whole == batches.size() && channel.size() == end) {
                return new StoredReference(List.of(tokens));
            }
            channel.truncate(end).position(end);
            progress.begin("reference log-probs", preferences);
            for (PreferenceBatch batch : batches.subList(whole, batches.size())) {
                ByteBuffer bytes = packed(batch, reference.logProbs(batch.sequences()));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                unpack(bytes, batch, plan.get(whole++), tokens);
                done += batch.size();
                progress.at(done, "");
                StopRequested.throwIf(stopRequested);
            }
            channel.force(false);
            return new StoredReference(List.of(tokens));
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        } finally {
            progress.end();
        }
    }

    /** Reads one batch from a file into a buffer; false if the file ends within the batch or its checksum is wrong. */
    private static boolean isWhole(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        if (bytes.hasRemaining()) {
            return false;
        }
        bytes.position(bytes.limit() - CHECKSUM);
        return bytes.getLong(bytes.position()) == checksum(bytes);
    }

    /** The bytes of a batch in the file. */
    private static ByteBuffer packed(PreferenceBatch batch, TokenLogProbs logProbs) {
        NonFinite.in(logProbs, batch).ifPresent(where -> {
            throw new InvalidInputException("reference log-probs must be finite, got " + where);
        });
        ByteBuffer bytes = ByteBuffer.allocate(bytes(batch));
        for (double value : logProbs.toArray()) {
            bytes.putDouble(value);
        }
        return bytes.putLong(checksum(bytes)).flip();
    }

    /** Stores the numbers of a batch at the indices of its preferences. */
    private static void unpack(ByteBuffer bytes, PreferenceBatch batch, List<Integer> indices, double[][] tokens) {
        DoubleBuffer numbers = bytes.rewind().asDoubleBuffer();
        for (int i = 0; i < indices.size(); i++) {
            double[] own = new double[batch.preferences().get(i).scoredTokens()];
            numbers.get(own);
            tokens[indices.get(i)] = own;
        }
    }

    /** The CRC-32C of the bytes before the buffer's position. */
    private static long checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate().flip());
        return checksum.getValue();
    }

    private static int bytes(PreferenceBatch batch) {
        return CHECKSUM
                + Double.BYTES
                        * batch.preferences().stream()
                                .mapToInt(Preference::scoredTokens)
                                .sum();
    }
}
