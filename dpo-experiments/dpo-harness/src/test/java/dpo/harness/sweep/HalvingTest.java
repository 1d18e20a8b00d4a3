package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.harness.config.ConfigException;
import dpo.harness.store.Leases;
import dpo.harness.store.RunRecord;
import dpo.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Successive halving of three settings with two seeds each. */
class HalvingTest {

    private static final String HALVING = "halving={metric: world/reward, direction: highest, rungs: [10, 20]}";

    @TempDir
    private Path folder;

    private SweepRuns sweeps;

    @BeforeEach
    void open() {
        sweeps = new SweepRuns(folder);
    }

    private Sweep.Outcome start(String name, BooleanSupplier stop, List<String> printed) {
        return sweeps.start(name, 2, Progress.SILENT, stop, printed, HALVING);
    }

    private List<String> ledger(String name) throws IOException {
        return decisions(name + "/ledger.jsonl");
    }

    private List<String> decisions(String ledger) throws IOException {
        return Files.readAllLines(folder.resolve(ledger)).stream()
                .filter(line -> line.contains("\"halving\""))
                .map(line -> line.replaceFirst("\"time\":\"[^\"]*\",", ""))
                .toList();
    }

    @Test
    void the_best_half_of_the_settings_continues_after_each_rung_with_the_numbers_of_a_whole_sweep()
            throws IOException {
        List<String> printed = new ArrayList<>();
        assertThat(start("halved", () -> false, printed)).isEqualTo(new Sweep.Outcome(2, 0, 0, 4, List.of(), false));
        sweeps.start("whole", 2, Progress.SILENT);

        assertThat(sweeps.records("halved"))
                .filteredOn(record -> record.status() == RunRecord.Status.COMPLETED)
                .hasSize(2)
                .allSatisfy(record -> assertThat(sweeps.results("whole")).containsEntry(record.id(), record.result()));
        assertThat(ledger("halved")).hasSize(2);
        assertThat(ledger("halved").get(0)).contains("\"rung\":10", "\"metric\":\"world/reward\"", "\"dropped\":[");
        assertThat(printed)
                .contains(
                        "halving at step 10 by world/reward: 4 runs continue, 2 are dropped",
                        "halving at step 20 by world/reward: 2 runs continue, 2 are dropped");
        assertThat(sweeps.results("whole")).hasSize(6);
    }

    @Test
    void a_sweep_that_is_stopped_at_any_time_makes_the_same_decisions_and_numbers() throws IOException {
        start("undisturbed", () -> false, new ArrayList<>());
        for (int stopAfter : new int[] {3, 40, 90, 130}) {
            String name = "stopped-" + stopAfter;
            AtomicInteger left = new AtomicInteger(stopAfter);
            start(name, () -> left.decrementAndGet() <= 0, new ArrayList<>());
            assertThat(start(name, () -> false, new ArrayList<>()).interrupted())
                    .isFalse();
            assertThat(sweeps.numbers(name)).isEqualTo(sweeps.numbers("undisturbed"));
            assertThat(ledger(name)).isEqualTo(ledger("undisturbed"));
        }
    }

    @Test
    void a_finished_sweep_computes_nothing_and_decides_nothing_anew() throws IOException {
        start("again", () -> false, new ArrayList<>());
        List<String> before = Files.readAllLines(folder.resolve("again/ledger.jsonl"));

        assertThat(start("again", () -> false, new ArrayList<>()))
                .isEqualTo(new Sweep.Outcome(0, 2, 0, 4, List.of(), false));

        assertThat(Files.readAllLines(folder.resolve("again/ledger.jsonl"))).isEqualTo(before);
    }

    @Test
    void a_rung_without_an_evaluation_or_after_the_end_is_an_error_before_anything_is_computed() {
        assertThatThrownBy(() -> sweeps.start(
                        "bad",
                        1,
                        Progress.SILENT,
                        () -> false,
                        new ArrayList<>(),
                        "halving={metric: eval/loss, direction: lowest, rungs: [7, 32]}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("halving.rungs must be multiples of training.evaluate_every (10), got 7")
                .hasMessageContaining("halving.rungs must be below the steps of every run (32), got 32");
        assertThatThrownBy(() -> sweeps.plan("halving={metric: eval/loss, direction: lowest, rungs: [9, 3], keep: 2}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("halving.rungs must be positive and ascending")
                .hasMessageContaining("halving.keep must be in (0, 1), got 2.0");
        assertThatThrownBy(() -> sweeps.plan(HALVING, "sweep={}"))
                .hasMessageContaining("halving must be absent without a sweep");
    }

    @Test
    void a_metric_that_no_evaluation_has_is_an_error_and_not_a_choice_by_the_order_of_the_file() {
        assertThatThrownBy(() -> sweeps.start(
                        "unknown",
                        1,
                        Progress.SILENT,
                        () -> false,
                        new ArrayList<>(),
                        "halving={metric: eval/nothing, direction: lowest, rungs: [10]}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("halving.metric must be a metric of the evaluations, got eval/nothing")
                .hasMessageContaining("(known: eval/loss, eval/rewards/chosen, ");
        assertThatThrownBy(() -> sweeps.plan("halving=0.5")).hasMessageContaining("halving must be a mapping, got 0.5");
    }

    @Test
    void a_run_that_stopped_early_before_a_rung_counts_with_its_last_evaluation() throws IOException {
        // The reward rises from the first evaluation on, so all runs stop at the second one.
        sweeps.start(
                "early",
                1,
                Progress.SILENT,
                () -> false,
                new ArrayList<>(),
                "halving={metric: world/reward, direction: highest, rungs: [30]}",
                "training.evaluate_every=1",
                "training.best={metric: world/reward, direction: lowest, patience: 1}");
        List<RunRecord> best = sweeps.records("early").stream()
                .filter(record -> Double.valueOf(0.2).equals(record.settings().get("objective.preference.beta")))
                .toList();
        assertThat(best).hasSize(2).allMatch(record -> record.result().get("steps") == 2);
        assertThat(ledger("early")).hasSize(1);
        assertThat(ledger("early").get(0).split("\"dropped\"")[0])
                .contains(best.get(0).id(), best.get(1).id());
    }

    private Sweep.Outcome work(String name, String worker, Progress progress) {
        try (Leases leases = new Leases(folder.resolve(name).resolve(Sweep.LEASES), worker, Duration.ofSeconds(1))) {
            return sweeps.work(name, leases, progress, new ArrayList<>(), HALVING);
        }
    }

    @Test
    void workers_make_the_decisions_of_one_process() throws IOException {
        start("one", () -> false, new ArrayList<>());
        List<Sweep.Outcome> outcomes = Workers.run(
                3,
                IntStream.range(0, 3)
                        .<Supplier<Sweep.Outcome>>mapToObj(i -> () -> work("shared", "worker-" + i, Progress.SILENT))
                        .toList(),
                () -> {});
        assertThat(outcomes).allMatch(outcome -> outcome.dropped() == 4 && outcome.failed() == 0);
        assertThat(outcomes.stream().mapToInt(Sweep.Outcome::computed).sum()).isEqualTo(2);
        assertThat(sweeps.numbers("shared")).isEqualTo(sweeps.numbers("one"));
        for (int i = 0; i < 3; i++) {
            assertThat(decisions("shared/ledger/worker-" + i + ".jsonl")).isEqualTo(ledger("one"));
        }
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void a_worker_that_joins_late_does_not_wait_for_runs_that_are_beyond_a_rung() {
        CountDownLatch second = new CountDownLatch(1);
        AtomicReference<CompletableFuture<Sweep.Outcome>> late = new AtomicReference<>();
        Progress atEnd = new ReportedProgress((cell, step) -> {
            if (step == 31) {
                second.countDown();
            }
        });
        Progress early = new ReportedProgress((cell, step) -> {
            if (step == 31 && late.get() == null) {
                late.set(CompletableFuture.supplyAsync(() -> work("joined", "late", atEnd)));
                SharedSweepTest.await(second);
            }
        });
        assertThat(work("joined", "early", early).computed()).isEqualTo(1);
        assertThat(late.get().join().computed()).isEqualTo(1);
    }
}
