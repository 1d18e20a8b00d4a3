package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.harness.store.OutputException;
import dpo.train.NonFinite;
import dpo.train.Progress;
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
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ObjIntConsumer;
import java.util.zip.CRC32C;

/**
 * A file of reference log-probabilities. It grows by one batch at a time, so that an interrupted computation resumes after
 * the last complete batch. Layout: for each batch the rows of the completions of its preferences, best first, as
 * big-endian doubles; then the batch's CRC-32C as a long, which detects batches that a power cut damaged.
 *
 * <p>Several ranks compute the batches in turns, and each gets the numbers of all. Rank 0 writes them.
 *
 * @param path the file
 * @param plan indices of the preferences of each batch
 * @param batches the batches
 */
record ReferenceFile(Path path, List<List<Integer>> plan, List<PreferenceBatch> batches) {

    private static final int CHECKSUM = Long.BYTES;

    static ReferenceFile of(Path path, List<Preference> preferences, List<List<Integer>> plan) {
        return new ReferenceFile(
                path,
                plan,
                plan.stream()
                        .map(indices -> new PreferenceBatch(
                                indices.stream().map(preferences::get).toList()))
                        .toList());
    }

    private double[][] noTokens() {
        return new double[batches.stream().mapToInt(PreferenceBatch::size).sum()][];
    }

    /** Reads the file; empty if it does not hold exactly all batches. */
    Optional<StoredReference> whole() {
        double[][] tokens = noTokens();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return readWhole(channel, batches.size(), tokens) == batches.size() && channel.position() == channel.size()
                    ? Optional.of(new StoredReference(List.of(tokens)))
                    : Optional.empty();
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException e) {
            throw OutputException.reading(path, e);
        }
    }

    /** Tells the other ranks that the file holds all batches. */
    void announceWhole(Ranks ranks) {
        announce(batches.size(), ranks);
    }

    private static void announce(int whole, Ranks ranks) {
        ranks.gather(new double[] {whole});
    }

    /** As a rank other than 0: reads the batches in the file, and computes the rest together with the others. */
    StoredReference followed(Policy reference, Ranks ranks) {
        int whole = (int) ranks.gather(new double[0]).get(0)[0];
        double[][] tokens = noTokens();
        if (whole > 0) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                if (readWhole(channel, whole, tokens) < whole) {
                    throw new IOException("fewer than " + whole + " intact batches");
                }
            } catch (IOException e) {
                throw OutputException.reading(path, e);
            }
        }
        compute(
                reference,
                whole,
                ranks,
                (logProbs, batch) -> put(DoubleBuffer.wrap(logProbs.toArray()), batch, tokens));
        return new StoredReference(List.of(tokens));
    }

    /** Reads the batches in the file, computes the rest and appends them. */
    StoredReference completed(Policy reference, Ranks ranks, Progress progress, BooleanSupplier stopRequested) {
        double[][] tokens = noTokens();
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int whole = readWhole(channel, batches.size(), tokens);
            long end = batches.subList(0, whole).stream()
                    .mapToLong(ReferenceFile::bytes)
                    .sum();
            announce(whole, ranks);
            if (whole == batches.size() && channel.size() == end) {
                return new StoredReference(List.of(tokens));
            }
            channel.truncate(end).position(end);
            progress.begin("reference log-probs", tokens.length);
            int[] done = {
                batches.subList(0, whole).stream()
                        .mapToInt(PreferenceBatch::size)
                        .sum()
            };
            compute(reference, whole, ranks, (logProbs, batch) -> {
                append(channel, packed(batches.get(batch), logProbs));
                put(DoubleBuffer.wrap(logProbs.toArray()), batch, tokens);
                done[0] += batches.get(batch).size();
                progress.at(done[0], "");
                StopRequested.throwIf(stopRequested);
            });
            channel.force(false);
            return new StoredReference(List.of(tokens));
        } catch (IOException e) {
            throw OutputException.writing(path, e);
        } finally {
            progress.end();
        }
    }

    /** Computes the batches from one on, one per rank at a time; gives them to each rank in order. */
    private void compute(Policy reference, int from, Ranks ranks, ObjIntConsumer<TokenLogProbs> batch) {
        for (int round = from; round < batches.size(); round += ranks.count()) {
            int own = round + ranks.rank();
            List<double[]> all = ranks.gather(
                    own < batches.size()
                            ? reference.logProbs(batches.get(own).sequences()).toArray()
                            : new double[0]);
            for (int i = round; i < Math.min(round + ranks.count(), batches.size()); i++) {
                TokenShape shape = TokenShape.of(batches.get(i).sequences());
                batch.accept(TokenLogProbs.of(shape, all.get(i - round)), i);
            }
        }
    }

    private void append(FileChannel channel, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw OutputException.writing(path, e);
        }
    }

    /** Reads intact batches, at most some, and returns their number. */
    private int readWhole(FileChannel channel, int most, double[][] tokens) throws IOException {
        for (int i = 0; i < most; i++) {
            ByteBuffer bytes = ByteBuffer.allocate(bytes(batches.get(i)));
            if (!isWhole(channel, bytes)) {
                return i;
            }
            put(bytes.rewind().asDoubleBuffer(), i, tokens);
        }
        return most;
    }

    /** Reads one batch into a buffer; false if the file ends within the batch or its checksum is wrong. */
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

    /** Puts the numbers of a batch at the indices of its preferences. */
    private void put(DoubleBuffer numbers, int batch, double[][] tokens) {
        List<Integer> indices = plan.get(batch);
        for (int i = 0; i < indices.size(); i++) {
            double[] own = new double[batches.get(batch).preferences().get(i).scoredTokens()];
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
