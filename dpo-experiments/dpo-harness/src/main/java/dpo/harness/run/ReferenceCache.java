package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.sequence.Preference;
import dpo.data.batch.MicroBatches;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.Sha256;
import dpo.train.Progress;
import dpo.train.ReferenceLogProbs;
import dpo.train.StopRequested;
import dpo.train.StoredReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A cache of reference log-probabilities, computed once per reference and list of preferences for all cells of a sweep.
 *
 * <p>A file is named by the hash of the model, the backend, the preferences and their batches, since the composition of
 * a batch can change the last bits of its numbers; see {@link ReferenceFile}.
 *
 * <p>Thread-safe: one thread computes while others, and other processes with {@link Leases}, that request the same
 * numbers wait. If it stops or fails, the next
 * one resumes after its last complete batch.
 */
public final class ReferenceCache {

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

    /** The folder of the files. */
    public Path folder() {
        return folder;
    }

    /**
     * The log-probabilities of preferences under a reference.
     *
     * @param reference the policy before its first step
     * @param backendHash hash of the code that computes them, because rounding depends on it
     * @param preferences the preferences
     * @param microBatches the rule by which the preferences are split into batches
     * @param ranks the processes that compute batches side by side; all of them call this for the same preferences, in the
     *     same order
     * @throws InvalidInputException if a log-probability of the reference is not finite
     * @throws StopRequested if a stop is requested, after the current batch or after waiting for another thread
     */
    ReferenceLogProbs of(
            Policy reference,
            String backendHash,
            List<Preference> preferences,
            MicroBatches microBatches,
            Ranks ranks,
            Progress progress) {
        List<List<Integer>> plan = microBatches.cut(Preference.distinctTokens(preferences));
        String key = Sha256.of(
                reference.fingerprint() + "\n" + backendHash + "\n" + PreparedData.hash(preferences) + "\n" + plan);
        ReferenceFile file =
                ReferenceFile.of(DurableFiles.createFolder(folder).resolve(key + ".f64"), preferences, plan);
        if (ranks.rank() > 0) {
            return file.followed(reference, ranks);
        }
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
                known = complete(key, file, reference, ranks, progress);
                loaded.put(key, known);
            } else {
                file.announceWhole(ranks);
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

    private StoredReference complete(String key, ReferenceFile file, Policy reference, Ranks ranks, Progress progress) {
        // What another process has completed needs no lease.
        Optional<StoredReference> known = leases.isPresent() ? file.whole() : Optional.empty();
        if (known.isPresent()) {
            file.announceWhole(ranks);
            return known.get();
        }
        try (Lease lease = lease(key)) {
            return file.completed(reference, ranks, new LeasedProgress(progress, lease), stopRequested);
        }
    }
}
