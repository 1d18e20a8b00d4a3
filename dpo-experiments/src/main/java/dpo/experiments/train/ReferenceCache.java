package dpo.experiments.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.OutputException;
import dpo.experiments.store.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Reference log-probabilities, computed once for each reference and list of preferences and shared by all cells of a sweep.
 *
 * <p>A file is named by the content address of the model, the preferences and the engine. It grows by a batch at a time, so that
 * an interrupted computation goes on where it was: its length says how many preferences it holds. Layout: for each
 * preference the rows of its completions, best first, big-endian doubles.
 *
 * <p>Several threads may ask at the same time: one computes and those that ask for the same wait for it; where it stops
 * or fails, the next of them goes on at its last whole batch.
 */
public final class ReferenceCache {

    private final Path folder;
    private final BooleanSupplier stopRequested;
    private final Map<String, StoredReference> loaded = new ConcurrentHashMap<>();
    private final Map<String, ReentrantLock> turns = new ConcurrentHashMap<>();

    /**
     * A cache in a folder.
     *
     * @param folder made when it is first needed
     * @param stopRequested asked after every batch
     */
    public ReferenceCache(Path folder, BooleanSupplier stopRequested) {
        this.folder = folder;
        this.stopRequested = stopRequested;
    }

    /**
     * The log-probabilities of preferences under a reference.
     *
     * @param reference the policy before its first step
     * @param engine address of what computes, whose rounding the numbers carry
     * @param preferences the preferences
     * @param batchSize preferences computed at a time
     * @throws InvalidInputException where the reference gives a log-probability that is not finite
     * @throws StopRequested after the batch under way, or after waiting for another thread, where a stop is requested
     */
    ReferenceLogProbs of(Policy reference, String engine, List<Preference> preferences, int batchSize, Progress progress) {
        String key = Sha256.of(reference.fingerprint() + "\n" + engine + "\n" + TrainingData.hash(preferences));
        ReentrantLock turn = turns.computeIfAbsent(key, unseen -> new ReentrantLock());
        boolean waited = !turn.tryLock();
        if (waited) {
            turn.lock();
        }
        try {
            StoredReference known = loaded.get(key);
            if (known == null) {
                if (waited && stopRequested.getAsBoolean()) {
                    throw new StopRequested();
                }
                known = read(complete(key, reference, preferences, batchSize, progress), preferences);
                loaded.put(key, known);
            }
            return known;
        } finally {
            turn.unlock();
        }
    }

    private Path complete(String key, Policy reference, List<Preference> preferences, int batchSize, Progress progress) {
        Path file = DurableFiles.createFolder(folder).resolve(key + ".f64");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int done = wholePreferences(channel.size(), preferences);
            if (done == preferences.size() && channel.size() == bytes(preferences.subList(0, done))) {
                return file;
            }
            // Whole batches only: the composition of a batch may touch the last bits of its numbers.
            done -= done % batchSize;
            channel.truncate(bytes(preferences.subList(0, done))).position(channel.size());
            progress.begin("reference log-probs", preferences.size());
            for (int from = done; from < preferences.size(); from += batchSize) {
                PreferenceBatch batch =
                        new PreferenceBatch(preferences.subList(from, Math.min(preferences.size(), from + batchSize)));
                append(channel, batch, reference.logProbs(batch.sequences()));
                progress.at(from + batch.size(), "");
                if (stopRequested.getAsBoolean()) {
                    throw new StopRequested();
                }
            }
            channel.force(false);
            return file;
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        } finally {
            progress.end();
        }
    }

    private static void append(FileChannel channel, PreferenceBatch batch, TokenLogProbs logProbs) throws IOException {
        NonFinite.in(logProbs, batch).ifPresent(where -> {
            throw new InvalidInputException("reference log-probs must be finite, got " + where);
        });
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * logProbs.shape().tokens());
        for (double value : logProbs.toArray()) {
            bytes.putDouble(value);
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static StoredReference read(Path file, List<Preference> preferences) {
        try {
            DoubleBuffer numbers = ByteBuffer.wrap(Files.readAllBytes(file)).asDoubleBuffer();
            List<double[]> tokens = new ArrayList<>();
            for (Preference preference : preferences) {
                double[] row = new double[Math.toIntExact(bytes(List.of(preference)) / Double.BYTES)];
                numbers.get(row);
                tokens.add(row);
            }
            return new StoredReference(tokens);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    private static int wholePreferences(long size, List<Preference> preferences) {
        long end = 0;
        for (int done = 0; done < preferences.size(); done++) {
            end += bytes(preferences.subList(done, done + 1));
            if (end > size) {
                return done;
            }
        }
        return preferences.size();
    }

    private static long bytes(List<Preference> preferences) {
        return preferences.stream()
                .flatMap(preference -> preference.completions().stream())
                .mapToLong(completion -> (long) Double.BYTES * completion.scoredTokens())
                .sum();
    }
}
