package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.JsonLines;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cells computed in parallel, compared with the same cells computed in sequence. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SweepTest {

    private static final String EXPERIMENT = """
            name: world
            backend: tabular
            model: {vocabulary: 5, length: 5, prompts: 2}
            data: {train: {format: world, pairs: 128}, evaluation: {format: world, pairs: 40}}
            objective: {preference: {type: ipo, reduction: mean}, sft: {weight: 0.1}}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 4, batch_size: 16, micro_batch_size: 5, evaluate_every: 10}
            sweep:
              objective.preference.beta: [0.05, 0.1, 0.2]
              seed: [1, 2]
            """;

    private static final Pattern STEP_SECONDS = Pattern.compile(",\"step_seconds\":[^,}]+");

    @TempDir
    Path folder;

    @Test
    void any_number_of_parallel_cells_gives_the_same_bytes() {
        start("one", 1, Progress.SILENT);
        assertThat(start("four", 4, Progress.SILENT)).isEqualTo(new Sweep.Outcome(6, 0, 0, false));
        assertThat(numbers("one")).hasSize(6 * 4);
        assertThat(numbers("four")).isEqualTo(numbers("one"));
        assertThat(results("four")).isEqualTo(results("one"));
        assertThat(start("four", 4, Progress.SILENT)).isEqualTo(new Sweep.Outcome(0, 6, 0, false));
    }

    @Test
    void the_given_number_of_cells_runs_in_parallel_and_they_start_in_the_order_of_the_file() {
        CyclicBarrier three = new CyclicBarrier(3);
        Reported progress = new Reported((cell, step) -> {
            if (step == 1) {
                await(three);
            }
        });
        List<String> printed = new ArrayList<>();
        start("three", 3, progress, () -> false, printed);
        assertThat(printed.subList(0, 3))
                .extracting(line -> line.substring(0, 5))
                .containsExactlyInAnyOrder("[1/6]", "[2/6]", "[3/6]");
        assertThat(progress.cellsDone).isEqualTo(6);
    }

    @Test
    void cells_that_share_a_reference_compute_it_once() {
        Reported progress = new Reported((cell, step) -> {});
        String betas = "sweep={objective.preference.beta: [1, 2, 3, 4, 5, 6]}";
        start("shared", 6, progress, () -> false, new ArrayList<>(), betas);
        // Of the training pairs and of those held out.
        assertThat(progress.tasks).containsEntry("reference log-probs", 2).containsEntry("training", 6 * (1 + 4));
    }

    @Test
    void a_stop_leaves_every_running_cell_resumable_and_the_next_start_ends_with_the_same_bytes() {
        start("undisturbed", 1, Progress.SILENT);
        AtomicBoolean stop = new AtomicBoolean();
        CyclicBarrier three = new CyclicBarrier(3, () -> stop.set(true));
        Reported progress = new Reported((cell, step) -> {
            if (step == 11) {
                await(three);
            }
        });
        assertThat(start("stopped", 3, progress, stop::get, new ArrayList<>()))
                .isEqualTo(new Sweep.Outcome(0, 0, 0, true));
        assertThat(records("stopped")).hasSize(3).allMatch(record -> record.status() == Status.INTERRUPTED);
        for (Path run : runs("stopped")) {
            assertThat(run.resolve("checkpoints/resume/state.json")).exists();
            assertThat(new RunFolder(run).metrics()).hasSize(11);
        }
        assertThat(start("stopped", 2, Progress.SILENT)).isEqualTo(new Sweep.Outcome(6, 0, 0, false));
        assertThat(numbers("stopped")).isEqualTo(numbers("undisturbed"));
    }

    @Test
    void a_cell_that_fails_does_not_stop_the_others_and_is_tried_again() {
        String rates = "sweep={optimizer.learning_rate: [0.01, 1.0e+308, 0.02, 0.03]}";
        List<String> printed = new ArrayList<>();
        assertThat(start("some", 3, Progress.SILENT, () -> false, printed, rates))
                .isEqualTo(new Sweep.Outcome(3, 0, 1, false));
        assertThat(printed)
                .filteredOn(line -> line.contains("failed"))
                .singleElement()
                .asString()
                .startsWith("[2/4] learning_rate=1e308")
                .contains("must be finite");
        assertThat(start("some", 3, Progress.SILENT, () -> false, printed, rates))
                .isEqualTo(new Sweep.Outcome(0, 3, 1, false));
    }

    @Test
    void a_failed_write_ends_the_sweep_after_the_other_cells_have_stopped_at_a_step_boundary() {
        List<PlannedRun> plan = plan();
        RunExecution execution = execution("full", () -> false);
        CyclicBarrier two = new CyclicBarrier(2);
        Reported progress = new Reported((cell, step) -> {
            if (cell.equals(plan.get(1).name())) {
                await(two);
                throw new OutputException("disk full");
            } else if (step == 5) {
                await(two);
                awaitThat(execution::isStopRequested);
            }
        });
        Sweep sweep = new Sweep(folder.resolve("full"), plan);
        assertThatThrownBy(() -> sweep.run(execution, 2, EXPERIMENT, progress, line -> {}))
                .isInstanceOf(OutputException.class)
                .hasMessage("disk full");
        RunFolder first =
                new RunFolder(folder.resolve("full/runs").resolve(plan.get(0).id()));
        assertThat(first.record().orElseThrow().status()).isEqualTo(Status.INTERRUPTED);
        assertThat(first.metrics()).hasSize(5);
        assertThat(first.resumeCheckpoint()).isDirectory();
        assertThat(runs("full")).as("no further cell was begun").hasSize(2);
    }

    @Test
    void equal_cells_are_computed_once() {
        List<PlannedRun> plan = plan("sweep={seed: [1, 2]}");
        Sweep sweep = new Sweep(folder.resolve("equal"), List.of(plan.get(0), plan.get(1), plan.get(0)));
        assertThat(sweep.run(execution("equal", () -> false), 3, EXPERIMENT, Progress.SILENT, line -> {}))
                .isEqualTo(new Sweep.Outcome(2, 1, 0, false));
    }

    @Test
    void a_run_with_a_new_name_is_renamed_and_not_computed_again() {
        start(
                "grown",
                1,
                Progress.SILENT,
                () -> false,
                new ArrayList<>(),
                "sweep={objective.preference.beta: [0.05, 0.1]}");
        assertThat(new Sweep(folder.resolve("grown"), plan()).withoutResult()).hasSize(4);
        assertThat(start("grown", 1, Progress.SILENT)).isEqualTo(new Sweep.Outcome(4, 2, 0, false));
        assertThat(records("grown"))
                .extracting(RunRecord::id)
                .isEqualTo(runs("grown").stream()
                        .map(run -> run.getFileName().toString())
                        .toList());
        assertThat(records("grown")).hasSize(6).allMatch(record -> record.settings()
                .containsKey("seed"));
    }

    @Test
    void runs_that_the_configuration_no_longer_contains_are_superseded_and_move_back_with_it() {
        List<String> printed = new ArrayList<>();
        start("narrowed", 1, Progress.SILENT);
        Map<String, Object> all = results("narrowed");
        assertThat(start("narrowed", 1, Progress.SILENT, () -> false, printed, "sweep={seed: [2]}"))
                .as("the beta by default is one of the three")
                .isEqualTo(new Sweep.Outcome(0, 1, 0, false));
        assertThat(printed).hasSize(5).allMatch(line -> line.startsWith("superseded: beta="));
        assertThat(runs("narrowed")).hasSize(1);
        assertThat(start("narrowed", 1, Progress.SILENT)).isEqualTo(new Sweep.Outcome(0, 6, 0, false));
        assertThat(results("narrowed")).isEqualTo(all);
    }

    @Test
    void a_superseded_run_names_the_part_of_its_identity_that_differs() {
        List<String> printed = new ArrayList<>();
        start("changed", 1, Progress.SILENT, () -> false, new ArrayList<>(), "sweep={seed: [1, 2]}");
        start(
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
    void an_unexpected_failure_leaves_its_stack_trace_in_the_run_folder_until_the_run_is_computed_again() {
        Reported broken = new Reported((cell, step) -> {
            throw new IllegalStateException("broken");
        });
        String one = "sweep={seed: [1]}";
        assertThat(start("failed", 1, broken, () -> false, new ArrayList<>(), one)
                        .failed())
                .isEqualTo(1);
        Path trace = runs("failed").get(0).resolve("failure.txt");
        assertThat(trace)
                .content()
                .startsWith("java.lang.IllegalStateException: broken")
                .contains("\tat dpo.");
        assertThat(start("failed", 1, Progress.SILENT, () -> false, new ArrayList<>(), one)
                        .failed())
                .isZero();
        assertThat(trace).doesNotExist();
    }

    @Test
    void an_unexpected_failure_is_logged_with_its_stack_trace() {
        Reported broken = new Reported((cell, step) -> {
            throw new IllegalStateException("broken");
        });
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try {
            start("logged", 1, broken, () -> false, new ArrayList<>(), "sweep={seed: [1]}");
        } finally {
            System.setErr(before);
        }
        assertThat(logged.toString(StandardCharsets.UTF_8))
                .containsPattern("ERROR dpo.harness.sweep.RunExecution - run seed=1-.* failed unexpectedly")
                .contains("java.lang.IllegalStateException: broken", "\tat dpo.");
    }

    @Test
    void the_ledger_has_a_whole_line_for_every_start_and_end() {
        start("ledger", 6, Progress.SILENT);
        List<Map<String, Object>> lines = JsonLines.read(folder.resolve("ledger/ledger.jsonl"));
        assertThat(lines).extracting(line -> line.get("status")).hasSize(12).containsOnly("running", "completed");
        assertThat(lines).extracting(line -> line.get("time").toString()).isSorted();
    }

    private Sweep.Outcome start(String name, int atOnce, Progress progress) {
        return start(name, atOnce, progress, () -> false, new ArrayList<>());
    }

    private Sweep.Outcome start(
            String name,
            int atOnce,
            Progress progress,
            BooleanSupplier stop,
            List<String> printed,
            String... overrides) {
        Sweep sweep = new Sweep(folder.resolve(name), plan(overrides));
        return sweep.run(execution(name, stop), atOnce, EXPERIMENT, progress, line -> {
            synchronized (printed) {
                printed.add(line);
            }
        });
    }

    private List<PlannedRun> plan(String... overrides) {
        try {
            Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT);
            Backends backends = Backends.onClassPath();
            return new Planner(backends)
                    .plan(ExperimentFile.read(file, List.of(overrides), backends)
                            .cells());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RunExecution execution(String name, BooleanSupplier stop) {
        Backends backends = Backends.onClassPath();
        return new RunExecution(
                new Planner(backends), backends, folder.resolve(name).resolve("reference"), stop);
    }

    private List<Path> runs(String name) {
        try (Stream<Path> runs = Files.list(folder.resolve(name).resolve("runs"))) {
            return runs.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<RunRecord> records(String name) {
        return runs(name).stream()
                .map(run -> new RunFolder(run).record().orElseThrow())
                .toList();
    }

    private Map<String, Object> results(String name) {
        Map<String, Object> results = new TreeMap<>();
        records(name).forEach(record -> results.put(record.id(), record.result()));
        return results;
    }

    /** All recorded bytes without the times. */
    private Map<String, String> numbers(String name) {
        Map<String, String> numbers = new TreeMap<>();
        for (Path run : runs(name)) {
            for (String file : List.of("metrics.jsonl", "evaluations.jsonl", "pairs.jsonl", "frontier.jsonl")) {
                try {
                    String text = Files.readString(run.resolve(file));
                    numbers.put(
                            run.getFileName() + "/" + file,
                            STEP_SECONDS.matcher(text).replaceAll(""));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return numbers;
    }

    private static void await(CyclicBarrier barrier) {
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

    /** Counts started tasks, and can block a cell at a step of its training. */
    private static final class Reported implements Progress {

        private final Map<String, Integer> tasks = new ConcurrentHashMap<>();
        private final StepHook hook;
        private int cellsDone;

        Reported(StepHook hook) {
            this.hook = hook;
        }

        interface StepHook {
            void at(String cell, int step);
        }

        @Override
        public void begin(String task, int total) {
            tasks.merge(task, 1, Integer::sum);
        }

        @Override
        public synchronized void at(int done, String note) {
            cellsDone = Math.max(cellsDone, done);
        }

        @Override
        public void end() {}

        @Override
        public Progress part(String label) {
            return new Progress() {
                private boolean training;

                @Override
                public void begin(String task, int total) {
                    Reported.this.begin(task, total);
                    training = task.equals("training");
                }

                @Override
                public void at(int done, String note) {
                    if (training) {
                        hook.at(label, done);
                    }
                }

                @Override
                public void end() {}

                @Override
                public Progress part(String inner) {
                    return this;
                }
            };
        }
    }
}
