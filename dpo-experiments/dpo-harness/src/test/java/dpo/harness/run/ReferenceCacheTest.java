package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.data.batch.MicroBatches;
import dpo.train.Progress;
import dpo.train.ReferenceLogProbs;
import dpo.train.StopRequested;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceCacheTest {

    private static final TabularModel MODEL = new TabularModel(5, 6, 2, 0, 1, 1);

    private final List<Preference> preferences = MODEL.world().samplePairs(23, new RandomStreams(1).stream("pairs"));
    private final Policy policy = new TabularBackend().open(MODEL, new Execution("cpu", 1), 1);

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        policy.close();
    }

    static List<MicroBatches> ways() {
        return List.of(
                new MicroBatches.OfExamples(5),
                new MicroBatches.OfExamples(100),
                new MicroBatches.OfTokens(1),
                new MicroBatches.OfTokens(40),
                new MicroBatches.OfTokens(100_000));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void each_preference_gets_its_own_numbers_for_any_batches(MicroBatches microBatches) {
        ReferenceLogProbs stored = cache("any", () -> false, microBatches);
        for (List<Integer> indices : List.of(
                List.of(0), List.of(22, 3, 7), IntStream.range(0, 23).boxed().toList())) {
            PreferenceBatch batch =
                    new PreferenceBatch(indices.stream().map(preferences::get).toList());
            assertThat(stored.of(batch, indices).toArray())
                    .isEqualTo(policy.logProbs(batch.sequences()).toArray());
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void a_computation_interrupted_after_any_batch_resumes_with_the_same_bits(MicroBatches microBatches)
            throws IOException {
        cache("uninterrupted", () -> false, microBatches);
        int batches = microBatches.cut(Preference.distinctTokens(preferences)).size();
        for (int stopAfter = 1; stopAfter <= batches; stopAfter++) {
            String name = "stopped-" + stopAfter;
            AtomicInteger left = new AtomicInteger(stopAfter);
            assertThatThrownBy(() -> cache(name, () -> left.decrementAndGet() == 0, microBatches))
                    .isInstanceOf(StopRequested.class);
            cache(name, () -> false, microBatches);
            assertThat(file(name))
                    .hasFileName(file("uninterrupted").getFileName().toString());
            assertThat(file(name)).hasSameBinaryContentAs(file("uninterrupted"));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void a_file_truncated_at_any_byte_resumes_after_the_last_complete_batch(MicroBatches microBatches)
            throws IOException {
        requireMended(microBatches, Arrays::copyOf);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void unwritten_batches_in_a_file_of_full_length_are_computed_again(MicroBatches microBatches) throws IOException {
        requireMended(microBatches, (bytes, written) -> Arrays.copyOf(Arrays.copyOf(bytes, written), bytes.length));
    }

    /**
     * @param damage maps a complete file and a number of bytes to the file with only that many bytes written
     */
    private void requireMended(MicroBatches microBatches, BiFunction<byte[], Integer, byte[]> damage)
            throws IOException {
        cache("uninterrupted", () -> false, microBatches);
        byte[] bytes = Files.readAllBytes(file("uninterrupted"));
        for (int written = 0; written < bytes.length; written += 37) {
            Path damaged = Files.createDirectories(folder.resolve("damaged-" + written))
                    .resolve(file("uninterrupted").getFileName());
            Files.write(damaged, damage.apply(bytes, written));
            cache("damaged-" + written, () -> false, microBatches);
            assertThat(damaged).hasBinaryContent(bytes);
        }
    }

    @Test
    void equal_batches_share_their_numbers_and_different_batches_do_not() throws IOException {
        for (MicroBatches microBatches : ways()) {
            cache("all", () -> false, microBatches);
        }
        // A budget for all is one batch too, but in the order of lengths.
        assertThat(files("all")).hasSize(5);
        cache("all", () -> false, new MicroBatches.OfExamples(23));
        cache("all", () -> false, new MicroBatches.OfTokens(2));
        assertThat(files("all")).hasSize(5);
        cache("all", () -> false, new MicroBatches.OfExamples(22));
        assertThat(files("all")).hasSize(6);
    }

    private ReferenceLogProbs cache(String name, BooleanSupplier stop, MicroBatches microBatches) {
        return new ReferenceCache(folder.resolve(name), Optional.empty(), stop)
                .of(policy, "tabular", preferences, microBatches, Ranks.ALONE, Progress.SILENT);
    }

    private Path file(String name) throws IOException {
        assertThat(files(name)).hasSize(1);
        return files(name).get(0);
    }

    private List<Path> files(String name) throws IOException {
        try (var files = Files.list(folder.resolve(name))) {
            return files.toList();
        }
    }
}
