package dpo.experiments.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.PreferencePair;
import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.OutputException;
import dpo.experiments.store.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Reference log-probabilities, computed once for each reference and list of pairs and shared by all cells of a sweep.
 *
 * <p>A file is named by the content address of the model, the pairs and the engine. It grows by a batch at a time, so that
 * an interrupted computation goes on where it was: its length says how many pairs it holds. Layout: for each pair the
 * chosen row, then the rejected row, big-endian doubles.
 */
public final class ReferenceCache {

    private final Path folder;
    private final BooleanSupplier stopRequested;
    private final Map<String, ReferenceLogProbs> loaded = new HashMap<>();

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
     * The log-probabilities of pairs under a reference.
     *
     * @param reference the policy before its first step
     * @param engine address of what computes, whose rounding the numbers carry
     * @param pairs the pairs
     * @param batchSize pairs computed at a time
     * @throws InvalidInputException where the reference gives a log-probability that is not finite
     * @throws StopRequested after the batch under way, where a stop is requested
     */
    ReferenceLogProbs of(Policy reference, String engine, List<PreferencePair> pairs, int batchSize, Progress progress) {
        String key = Sha256.of(reference.fingerprint() + "\n" + engine + "\n" + TrainingData.hash(pairs));
        ReferenceLogProbs known = loaded.get(key);
        if (known == null) {
            known = read(complete(key, reference, pairs, batchSize, progress), pairs);
            loaded.put(key, known);
        }
        return known;
    }

    private Path complete(String key, Policy reference, List<PreferencePair> pairs, int batchSize, Progress progress) {
        Path file = DurableFiles.createFolder(folder).resolve(key + ".f64");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int done = wholePairs(channel.size(), pairs);
            if (done == pairs.size() && channel.size() == bytes(pairs.subList(0, done))) {
                return file;
            }
            // Whole batches only: the composition of a batch may touch the last bits of its numbers.
            done -= done % batchSize;
            channel.truncate(bytes(pairs.subList(0, done))).position(channel.size());
            progress.begin("reference log-probs", pairs.size());
            for (int from = done; from < pairs.size(); from += batchSize) {
                PreferenceBatch batch =
                        new PreferenceBatch(pairs.subList(from, Math.min(pairs.size(), from + batchSize)));
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
        int pairs = batch.size();
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * logProbs.shape().tokens());
        for (int j = 0; j < pairs; j++) {
            for (int row : new int[] {j, pairs + j}) {
                for (double value : logProbs.row(row)) {
                    bytes.putDouble(value);
                }
            }
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ReferenceLogProbs read(Path file, List<PreferencePair> pairs) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            List<double[]> chosen = new ArrayList<>();
            List<double[]> rejected = new ArrayList<>();
            for (PreferencePair pair : pairs) {
                chosen.add(row(bytes, pair.chosen().scoredTokens()));
                rejected.add(row(bytes, pair.rejected().scoredTokens()));
            }
            return new ReferenceLogProbs(chosen, rejected);
        } catch (IOException e) {
            throw OutputException.writing(file, e);
        }
    }

    private static double[] row(ByteBuffer bytes, int tokens) {
        return IntStream.range(0, tokens).mapToDouble(i -> bytes.getDouble()).toArray();
    }

    private static int wholePairs(long size, List<PreferencePair> pairs) {
        long end = 0;
        for (int done = 0; done < pairs.size(); done++) {
            end += bytes(pairs.subList(done, done + 1));
            if (end > size) {
                return done;
            }
        }
        return pairs.size();
    }

    private static long bytes(List<PreferencePair> pairs) {
        return pairs.stream()
                .mapToLong(pair -> (long) Double.BYTES * (pair.chosen().scoredTokens() + pair.rejected().scoredTokens()))
                .sum();
    }
}
