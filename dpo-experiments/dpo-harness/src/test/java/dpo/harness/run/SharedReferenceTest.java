package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.data.batch.MicroBatches;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.train.Progress;
import dpo.train.ReferenceLogProbs;
import dpo.train.StopRequested;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cells that need a reference at the same time. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SharedReferenceTest {

    private static final String EXPERIMENT = """
            name: cache
            backend: tabular
            model: {vocabulary: 5, length: 4, prompts: 2}
            data: {train: {format: world, pairs: 60}}
            optimizer: {learning_rate: 0.05}
            """;

    private static final int BATCH = 7;
    private static final int BATCHES = 9;

    @TempDir
    Path folder;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Thread> waiting = new AtomicReference<>();

    @Test
    void cells_that_share_a_reference_compute_it_once() {
        ReferenceCache cache = cache();
        Counted first = new Counted(call -> awaitWaiting(call == 2));
        Counted second = new Counted(call -> {});
        CompletableFuture<TokenLogProbs> ofFirst = CompletableFuture.supplyAsync(() -> all(cache, first));
        awaitCalls(first, 1);
        TokenLogProbs ofSecond = waitingFor(() -> all(cache, second));
        assertThat(ofFirst.join().toArray()).isEqualTo(ofSecond.toArray());
        assertThat(first.calls.get()).isEqualTo(BATCHES);
        assertThat(second.calls.get()).isZero();
    }

    @Test
    void different_references_are_computed_at_the_same_time() {
        ReferenceCache cache = cache();
        CyclicBarrier both = new CyclicBarrier(2);
        List<CompletableFuture<ReferenceLogProbs>> references = IntStream.of(1, 2)
                .mapToObj(backend -> CompletableFuture.supplyAsync(() -> cache.of(
                        new Counted(call -> await(both)),
                        "backend " + backend,
                        preferences(),
                        new MicroBatches.OfExamples(BATCH),
                        Ranks.ALONE,
                        Progress.SILENT)))
                .toList();
        references.forEach(CompletableFuture::join);
        assertThat(folder.resolve("reference")).isDirectoryContaining("glob:**.f64");
    }

    @Test
    void if_the_computing_cell_fails_the_waiting_one_resumes_after_the_last_complete_batch() {
        ReferenceCache cache = cache();
        Counted failing = new Counted(call -> {
            awaitWaiting(call == 4);
            if (call == 4) {
                throw new IllegalStateException("out of memory");
            }
        });
        Counted second = new Counted(call -> {});
        CompletableFuture<TokenLogProbs> failed = CompletableFuture.supplyAsync(() -> all(cache, failing));
        awaitCalls(failing, 1);
        TokenLogProbs ofSecond = waitingFor(() -> all(cache, second));
        assertThatThrownBy(failed::join).isInstanceOf(CompletionException.class).hasMessageContaining("out of memory");
        assertThat(second.calls.get()).isEqualTo(BATCHES - 3);
        assertThat(ofSecond.toArray())
                .isEqualTo(policy().logProbs(batch().sequences()).toArray());
    }

    @Test
    void if_the_computing_cell_is_stopped_the_waiting_one_stops_too() {
        ReferenceCache cache = cache();
        Counted first = new Counted(call -> {
            awaitWaiting(call == 4);
            stop.set(call == 4);
        });
        Counted second = new Counted(call -> {});
        CompletableFuture<TokenLogProbs> stopped = CompletableFuture.supplyAsync(() -> all(cache, first));
        awaitCalls(first, 1);
        assertThatThrownBy(() -> waitingFor(() -> all(cache, second))).isInstanceOf(StopRequested.class);
        assertThatThrownBy(stopped::join).hasCauseInstanceOf(StopRequested.class);
        assertThat(second.calls.get()).isZero();
        stop.set(false);
        all(cache, second);
        assertThat(second.calls.get()).isEqualTo(BATCHES - 4);
    }

    private ReferenceCache cache() {
        return new ReferenceCache(folder.resolve("reference"), Optional.empty(), stop::get);
    }

    private TokenLogProbs all(ReferenceCache cache, Policy reference) {
        PreferenceBatch batch = batch();
        List<Integer> indices = IntStream.range(0, batch.size()).boxed().toList();
        return cache.of(
                        reference,
                        "tabular",
                        batch.preferences(),
                        new MicroBatches.OfExamples(BATCH),
                        Ranks.ALONE,
                        Progress.SILENT)
                .of(batch, indices);
    }

    /** Runs work on this thread and records it, so that another thread can detect that it waits. */
    private TokenLogProbs waitingFor(Supplier<TokenLogProbs> work) {
        waiting.set(Thread.currentThread());
        return work.get();
    }

    private void awaitWaiting(boolean condition) {
        while (condition && (waiting.get() == null || waiting.get().getState() != Thread.State.WAITING)) {
            LockSupport.parkNanos(100_000);
        }
    }

    private static void awaitCalls(Counted policy, int calls) {
        while (policy.calls.get() < calls) {
            LockSupport.parkNanos(100_000);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private PreferenceBatch batch() {
        return new PreferenceBatch(preferences());
    }

    private List<Preference> preferences() {
        return new DataPreparation(Backends.onClassPath())
                .prepare(config(), Optional.empty(), 1000)
                .tokens()
                .train();
    }

    private Policy policy() {
        return new TabularBackend().open((TabularModel) config().model(), new Execution("cpu", 1), 1);
    }

    private ExperimentConfig config() {
        try {
            Path file = Files.writeString(Files.createTempFile(folder, "experiment", ".yaml"), EXPERIMENT);
            return ExperimentFile.read(file, List.of(), Backends.onClassPath())
                    .cells()
                    .get(0)
                    .config();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A reference that counts its batches and may be held or fail before one. */
    private final class Counted implements Policy {

        private final Policy policy = policy();
        private final AtomicInteger calls = new AtomicInteger();
        private final IntConsumer before;

        Counted(IntConsumer before) {
            this.before = before;
        }

        @Override
        public TokenLogProbs logProbs(List<TokenSequence> sequences) {
            before.accept(calls.incrementAndGet());
            return policy.logProbs(sequences);
        }

        @Override
        public int vocabularySize() {
            return policy.vocabularySize();
        }

        @Override
        public int maxLength() {
            return policy.maxLength();
        }

        @Override
        public String fingerprint() {
            return policy.fingerprint();
        }

        @Override
        public ForwardPass forward(List<TokenSequence> sequences) {
            return policy.forward(sequences);
        }

        @Override
        public Optimizer optimizer(AdamW settings) {
            return policy.optimizer(settings);
        }

        @Override
        public void save(Path into) {
            policy.save(into);
        }

        @Override
        public void restore(Path from) {
            policy.restore(from);
        }

        @Override
        public void close() {
            policy.close();
        }
    }
}
