package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunRecord;
import dpo.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sweep that several workers share, each a thread here, compared with the same sweep of one process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SharedSweepTest {
    private static final Duration SHORT = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    private SweepRuns sweeps;

    @BeforeEach
    void open() {
        sweeps = new SweepRuns(folder);
    }

    private Leases leases(String name, String worker) {
        return new Leases(folder.resolve(name).resolve(Sweep.LEASES), worker, SHORT);
    }

    @Test
    void workers_share_the_cells_and_give_the_bytes_of_one_process() {
        sweeps.start("one", 1, Progress.SILENT);
        CyclicBarrier three = new CyclicBarrier(3);
        AtomicBoolean together = new AtomicBoolean(true);
        List<Sweep.Outcome> outcomes = Workers.run(
                3,
                IntStream.range(0, 3)
                        .mapToObj(worker -> worker("worker-" + worker, three, together))
                        .toList(),
                () -> {});
        assertThat(outcomes).allMatch(outcome -> outcome.computed() >= 1 && !outcome.interrupted());
        assertThat(outcomes.stream().mapToInt(Sweep.Outcome::computed).sum()).isEqualTo(6);
        assertThat(outcomes).allMatch(outcome -> outcome.computed() + outcome.alreadyThere() == 6);
        assertThat(sweeps.numbers("shared")).isEqualTo(sweeps.numbers("one"));
        assertThat(sweeps.results("shared")).isEqualTo(sweeps.results("one"));
    }

    /** A worker whose first cell waits for those of the others. */
    private Supplier<Sweep.Outcome> worker(String name, CyclicBarrier others, AtomicBoolean together) {
        ReportedProgress progress = new ReportedProgress((cell, step) -> {
            if (step == 1 && together.get()) {
                SweepTest.await(others);
                together.set(false);
            }
        });
        return () -> {
            try (Leases leases = leases("shared", name)) {
                return sweeps.work("shared", leases, progress, new ArrayList<>());
            }
        };
    }

    @Test
    void the_cell_of_a_dead_worker_is_taken_over_where_it_stood() {
        sweeps.start("one", 1, Progress.SILENT);
        Leases dead = leases("killed", "dead");
        ReportedProgress killed = new ReportedProgress((cell, step) -> {
            if (step == 11) {
                dead.close();
                throw new OutputException("killed");
            }
        });
        assertThatThrownBy(() -> sweeps.work("killed", dead, killed, new ArrayList<>()))
                .hasMessage("killed");
        String first = sweeps.plan().get(0).id();
        leases("killed", "dead too").claim("unused").orElseThrow();
        try (Leases leases = leases("killed", "living")) {
            assertThat(sweeps.work("killed", leases, Progress.SILENT, new ArrayList<>())
                            .computed())
                    .isEqualTo(6);
        }
        assertThat(folder.resolve("killed/leases/" + first + ".2")).exists();
        assertThat(sweeps.numbers("killed")).isEqualTo(sweeps.numbers("one"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_worker_that_lost_its_cell_leaves_it_and_goes_on(boolean isWritten) {
        List<String> printed = new ArrayList<>();
        String first = sweeps.plan().get(0).id();
        AtomicBoolean isLost = new AtomicBoolean();
        ReportedProgress progress = new ReportedProgress((cell, step) -> {
            if (step == 5 && isLost.compareAndSet(false, true)) {
                takeOver(folder.resolve("lost/leases"), first);
                if (isWritten) {
                    replace(folder.resolve("lost/runs").resolve(first).resolve("metrics.jsonl"));
                }
            }
        });
        try (Leases leases = leases("lost", "still")) {
            assertThat(sweeps.work("lost", leases, progress, printed).computed())
                    .isEqualTo(6);
        }
        assertThat(folder.resolve("lost/leases/" + first + ".3")).exists();
        assertThat(printed).anyMatch(line -> line.contains("goes on elsewhere"));
        sweeps.start("one", 1, Progress.SILENT);
        assertThat(sweeps.numbers("lost")).isEqualTo(sweeps.numbers("one"));
    }

    /** As another process that dies at once, while this one stands still. */
    private static void takeOver(Path leases, String cell) {
        try {
            String text = Files.readString(leases.resolve(cell + ".1"));
            Files.writeString(leases.resolve(cell + ".2"), text.replace("still", "other"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LockSupport.parkNanos(SHORT.toNanos() / 2);
    }

    /** As a process that resumes the run. */
    private static void replace(Path file) {
        try {
            Path copy = Files.copy(file, file.resolveSibling("copy"));
            Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_cell_that_failed_is_not_tried_by_every_worker() {
        String rates = "sweep={optimizer.learning_rate: [0.01, 1.0e+308]}";
        List<String> printed = new ArrayList<>();
        CountDownLatch failed = new CountDownLatch(1);
        CompletableFuture<Sweep.Outcome> second = new CompletableFuture<>();
        ReportedProgress progress = new ReportedProgress((cell, step) -> {
            if (step == 1) {
                second.completeAsync(() -> {
                    try (Leases leases = leases("some", "second")) {
                        return sweeps.work("some", leases, Progress.SILENT, new Lines(failed), rates);
                    }
                });
                await(failed);
            }
        });
        try (Leases leases = leases("some", "first")) {
            assertThat(sweeps.work("some", leases, progress, printed, rates))
                    .isEqualTo(new Sweep.Outcome(1, 0, 1, 0, List.of(), false));
        }
        assertThat(second.join()).isEqualTo(new Sweep.Outcome(0, 1, 1, 0, List.of(), false));
        assertThat(printed).noneMatch(line -> line.contains("1e308"));
    }

    /** Printed lines; tells of the first that reports a failure. */
    private static final class Lines extends ArrayList<String> {
        private final transient CountDownLatch failed;

        Lines(CountDownLatch failed) {
            this.failed = failed;
        }

        @Override
        public boolean add(String line) {
            if (line.contains("failed")) {
                failed.countDown();
            }
            return super.add(line);
        }
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void workers_of_another_configuration_and_sweeps_beside_workers_are_refused() {
        sweeps.start("mixed", 1, Progress.SILENT);
        try (Leases leases = leases("mixed", "other")) {
            assertThatThrownBy(
                            () -> sweeps.work("mixed", leases, Progress.SILENT, new ArrayList<>(), "sweep={seed: [7]}"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("is not in this configuration");
            leases.claim("anything").orElseThrow();
            assertThatThrownBy(() -> sweeps.start("mixed", 1, Progress.SILENT))
                    .isInstanceOf(OutputException.class)
                    .hasMessageContaining("other");
        }
    }

    @Test
    void of_workers_with_other_runs_that_start_at_the_same_time_one_is_refused() {
        List<String> printed = new ArrayList<>() {
            @Override
            public boolean add(String line) {
                if (super.add(line) && line.startsWith("[1/")) {
                    try (Leases leases = leases("versions", "other")) {
                        sweeps.work("versions", leases, Progress.SILENT, new ArrayList<>(), "sweep={seed: [7]}");
                    }
                }
                return true;
            }
        };
        try (Leases leases = leases("versions", "first")) {
            assertThatThrownBy(() -> sweeps.work("versions", leases, Progress.SILENT, printed))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("is not in this configuration");
        }
        assertThat(printed.get(0)).endsWith("other workers that have computed cells in this folder: 0");
        assertThat(sweeps.records("versions"))
                .allMatch(record -> record.status() == RunRecord.Status.COMPLETED)
                .hasSize(2);
    }
}
