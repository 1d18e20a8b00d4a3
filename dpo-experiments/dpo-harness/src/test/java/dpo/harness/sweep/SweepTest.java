package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.store.JsonLines;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cells computed in parallel, compared with the same cells computed in sequence. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SweepTest {
    @TempDir
    Path folder;

    private SweepRuns sweeps;

    @BeforeEach
    void open() {
        sweeps = new SweepRuns(folder);
    }

    @Test
    void any_number_of_parallel_cells_gives_the_same_bytes() {
        sweeps.start("one", 1, Progress.SILENT);
        assertThat(sweeps.start("four", 4, Progress.SILENT)).isEqualTo(new Sweep.Outcome(6, 0, 0, 0, List.of(), false));
        assertThat(sweeps.numbers("one")).hasSize(6 * 4);
        assertThat(sweeps.numbers("four")).isEqualTo(sweeps.numbers("one"));
        assertThat(sweeps.results("four")).isEqualTo(sweeps.results("one"));
        assertThat(sweeps.start("four", 4, Progress.SILENT)).isEqualTo(new Sweep.Outcome(0, 6, 0, 0, List.of(), false));
    }

    @Test
    void the_given_number_of_cells_runs_in_parallel_and_they_start_in_the_order_of_the_file() {
        CyclicBarrier three = new CyclicBarrier(3);
        ReportedProgress progress = new ReportedProgress((cell, step) -> {
            if (step == 1) {
                await(three);
            }
        });
        List<String> printed = new ArrayList<>();
        sweeps.start("three", 3, progress, () -> false, printed);
        assertThat(printed.subList(0, 3))
                .extracting(line -> line.substring(0, 5))
                .containsExactlyInAnyOrder("[1/6]", "[2/6]", "[3/6]");
        assertThat(progress.cellsDone).isEqualTo(6);
    }

    @Test
    void cells_that_share_a_reference_compute_it_once() {
        ReportedProgress progress = new ReportedProgress((cell, step) -> {});
        String betas = "sweep={objective.preference.beta: [1, 2, 3, 4, 5, 6]}";
        sweeps.start("shared", 6, progress, () -> false, new ArrayList<>(), betas);
        // Of the training pairs and of those held out.
        assertThat(progress.tasks).containsEntry("reference log-probs", 2).containsEntry("training", 6 * (1 + 4));
    }

    @Test
    void a_stop_leaves_every_running_cell_resumable_and_the_next_start_ends_with_the_same_bytes() {
        sweeps.start("uninterrupted", 1, Progress.SILENT);
        AtomicBoolean stop = new AtomicBoolean();
        CyclicBarrier three = new CyclicBarrier(3, () -> stop.set(true));
        ReportedProgress progress = new ReportedProgress((cell, step) -> {
            if (step == 11) {
                await(three);
            }
        });
        List<String> all = sweeps.plan().stream().map(PlannedRun::id).toList();
        assertThat(sweeps.start("stopped", 3, progress, stop::get, new ArrayList<>()))
                .isEqualTo(new Sweep.Outcome(0, 0, 0, 0, all, true));
        assertThat(sweeps.records("stopped")).hasSize(3).allMatch(record -> record.status() == Status.INTERRUPTED);
        for (Path run : sweeps.runs("stopped")) {
            assertThat(run.resolve("checkpoints/resume/state.json")).exists();
            assertThat(new RunFolder(run).metrics()).hasSize(11);
        }
        assertThat(sweeps.start("stopped", 2, Progress.SILENT))
                .isEqualTo(new Sweep.Outcome(6, 0, 0, 0, List.of(), false));
        assertThat(sweeps.numbers("stopped")).isEqualTo(sweeps.numbers("uninterrupted"));
    }

    @Test
    void a_cell_that_fails_does_not_stop_the_others_and_is_tried_again() {
        String rates = "sweep={optimizer.learning_rate: [0.01, 1.0e+308, 0.02, 0.03]}";
        List<String> printed = new ArrayList<>();
        assertThat(sweeps.start("some", 3, Progress.SILENT, () -> false, printed, rates))
                .isEqualTo(new Sweep.Outcome(3, 0, 1, 0, List.of(), false));
        assertThat(printed)
                .filteredOn(line -> line.contains("failed"))
                .singleElement()
                .asString()
                .startsWith("[2/4] learning_rate=1e308")
                .contains("must be finite");
        assertThat(sweeps.start("some", 3, Progress.SILENT, () -> false, printed, rates))
                .isEqualTo(new Sweep.Outcome(0, 3, 1, 0, List.of(), false));
    }

    @Test
    void a_failed_write_ends_the_sweep_after_the_other_cells_have_stopped_at_a_step_boundary() {
        List<PlannedRun> plan = sweeps.plan();
        RunExecution execution = sweeps.execution("full", () -> false);
        CyclicBarrier two = new CyclicBarrier(2);
        ReportedProgress progress = new ReportedProgress((cell, step) -> {
            if (cell.equals(plan.get(1).name())) {
                await(two);
                throw new OutputException("disk full");
            } else if (step == 5) {
                await(two);
                awaitThat(execution::isStopRequested);
            }
        });
        Sweep sweep = new Sweep(folder.resolve("full"), plan);
        assertThatThrownBy(() -> sweep.run(execution, 2, SweepRuns.EXPERIMENT, progress, line -> {}))
                .isInstanceOf(OutputException.class)
                .hasMessage("disk full");
        RunFolder first =
                new RunFolder(folder.resolve("full/runs").resolve(plan.get(0).id()));
        assertThat(first.record().orElseThrow().status()).isEqualTo(Status.INTERRUPTED);
        assertThat(first.metrics()).hasSize(5);
        assertThat(first.checkpoints().resume()).isDirectory();
        assertThat(sweeps.runs("full")).as("no further cell was begun").hasSize(2);
    }

    @Test
    void equal_cells_are_computed_once() {
        List<PlannedRun> plan = sweeps.plan("sweep={seed: [1, 2]}");
        Sweep sweep = new Sweep(folder.resolve("equal"), List.of(plan.get(0), plan.get(1), plan.get(0)));
        assertThat(sweep.run(
                        sweeps.execution("equal", () -> false), 3, SweepRuns.EXPERIMENT, Progress.SILENT, line -> {}))
                .isEqualTo(new Sweep.Outcome(2, 1, 0, 0, List.of(), false));
    }

    @Test
    void a_run_with_a_new_name_is_renamed_and_not_computed_again() {
        sweeps.start(
                "grown",
                1,
                Progress.SILENT,
                () -> false,
                new ArrayList<>(),
                "sweep={objective.preference.beta: [0.05, 0.1]}");
        assertThat(new Sweep(folder.resolve("grown"), sweeps.plan()).withoutResult())
                .hasSize(4);
        assertThat(sweeps.start("grown", 1, Progress.SILENT))
                .isEqualTo(new Sweep.Outcome(4, 2, 0, 0, List.of(), false));
        assertThat(sweeps.records("grown"))
                .extracting(RunRecord::id)
                .isEqualTo(sweeps.runs("grown").stream()
                        .map(run -> run.getFileName().toString())
                        .toList());
        assertThat(sweeps.records("grown")).hasSize(6).allMatch(record -> record.settings()
                .containsKey("seed"));
    }

    @Test
    void runs_that_the_configuration_no_longer_contains_are_superseded_and_move_back_with_it() {
        List<String> printed = new ArrayList<>();
        sweeps.start("narrowed", 1, Progress.SILENT);
        Map<String, Object> all = sweeps.results("narrowed");
        assertThat(sweeps.start("narrowed", 1, Progress.SILENT, () -> false, printed, "sweep={seed: [2]}"))
                .as("the default beta is one of the three")
                .isEqualTo(new Sweep.Outcome(0, 1, 0, 0, List.of(), false));
        assertThat(printed).hasSize(5).allMatch(line -> line.startsWith("superseded: beta="));
        assertThat(sweeps.runs("narrowed")).hasSize(1);
        assertThat(sweeps.start("narrowed", 1, Progress.SILENT))
                .isEqualTo(new Sweep.Outcome(0, 6, 0, 0, List.of(), false));
        assertThat(sweeps.results("narrowed")).isEqualTo(all);
    }

    @Test
    void a_superseded_run_names_the_part_of_its_identity_that_differs() {
        List<String> printed = new ArrayList<>();
        sweeps.start("changed", 1, Progress.SILENT, () -> false, new ArrayList<>(), "sweep={seed: [1, 2]}");
        sweeps.start(
                "changed",
                1,
                Progress.SILENT,
                () -> false,
                printed,
                "sweep={seed: [1, 2]}",
                "optimizer.learning_rate=0.02");
        assertThat(printed.stream().filter(line -> line.startsWith("superseded: ")))
                .hasSize(2)
                .allMatch(line -> line.endsWith(" was computed with other config"));
    }

    @Test
    void an_unexpected_failure_leaves_its_stack_trace_in_a_printed_file_until_the_run_is_computed_again() {
        ReportedProgress broken = new ReportedProgress((cell, step) -> {
            throw new IllegalStateException("broken");
        });
        String one = "sweep={seed: [1]}";
        List<String> printed = new ArrayList<>();
        assertThat(sweeps.start("failed", 1, broken, () -> false, printed, one).failed())
                .isEqualTo(1);
        Path trace = sweeps.runs("failed").get(0).resolve("failure.txt");
        assertThat(printed.get(printed.size() - 1))
                .endsWith(" failed: java.lang.IllegalStateException: broken (stack trace: " + trace + ")");
        assertThat(trace)
                .content()
                .startsWith("java.lang.IllegalStateException: broken")
                .contains("\tat dpo.");
        assertThat(sweeps.start("failed", 1, Progress.SILENT, () -> false, new ArrayList<>(), one)
                        .failed())
                .isZero();
        assertThat(trace).doesNotExist();
    }

    @Test
    void an_unexpected_failure_is_logged_with_its_stack_trace() {
        ReportedProgress broken = new ReportedProgress((cell, step) -> {
            throw new IllegalStateException("broken");
        });
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try {
            sweeps.start("logged", 1, broken, () -> false, new ArrayList<>(), "sweep={seed: [1]}");
        } finally {
            System.setErr(before);
        }
        assertThat(logged.toString(StandardCharsets.UTF_8))
                .containsPattern("ERROR dpo.harness.sweep.RunExecution - run seed=1-.* failed unexpectedly")
                .contains("java.lang.IllegalStateException: broken", "\tat dpo.");
    }

    @Test
    void the_ledger_has_a_whole_line_for_every_start_and_end() {
        sweeps.start("ledger", 6, Progress.SILENT);
        List<Map<String, Object>> lines = JsonLines.read(folder.resolve("ledger/ledger.jsonl"));
        assertThat(lines).extracting(line -> line.get("status")).hasSize(12).containsOnly("running", "completed");
        assertThat(lines).extracting(line -> line.get("time").toString()).isSorted();
    }

    static void await(CyclicBarrier barrier) {
        try {
            barrier.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitThat(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(100_000);
        }
    }
}
