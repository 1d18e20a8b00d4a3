package dpo.cli;

import static java.lang.ProcessBuilder.Redirect.DISCARD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sweep from the command line to its results, with kills, stops and failures. */
class SweepIT {

    private static final String SWEEP = """
            name: small
            backend: tabular
            model: {vocabulary: 5, length: 5, prompts: 2}
            data: {train: {format: world, pairs: 256}, evaluation: {format: world, pairs: 64}}
            objective: {preference: {type: sigmoid}, sft: {weight: 0.01}}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 20, batch_size: 16, micro_batch_size: 5, evaluate_every: 40, checkpoint_every: 20}
            sweep:
              objective.preference.beta: [0.1, 1.0]
              seed: [1, 2]
            """;

    private static final long STEPS = 4 * 320;

    /** How often each sweep of the campaign is killed or stopped: the system property {@code dpo.kills}. */
    private static final int DISTURBANCES = Integer.getInteger("dpo.kills", 3);

    @TempDir
    static Path shared;

    private static Launched.Ended first;
    private static Path uninterrupted;

    @TempDir
    Path scratch;

    @BeforeAll
    static void compute() {
        uninterrupted = shared.resolve("uninterrupted");
        first = sweep(shared, uninterrupted).await();
        assertThat(first.code()).as(first.err()).isZero();
    }

    @Test
    void a_second_start_recomputes_nothing_and_the_report_needs_only_the_folder() {
        assertThat(first.err()).contains("4 computed, 0 already there, 0 failed");
        assertThat(first.out()).contains("eval/loss", "world/gap", "±");
        assertThat(uninterrupted.resolve("report.html")).isNotEmptyFile();
        Map<String, Object> before = results(uninterrupted);
        Launched.Ended second = sweep(uninterrupted).await();
        assertThat(second.code()).isZero();
        assertThat(second.err()).contains("0 computed, 4 already there, 0 failed");
        assertThat(results(uninterrupted)).isEqualTo(before);

        assertThat(second.err()).contains("report, which is up to date: ");
        Path table = uninterrupted.resolve("tables/results.tex");
        assertThat(table.toFile().delete()).isTrue();
        assertThat(sweep(uninterrupted).await().err()).doesNotContain("up to date");
        assertThat(table).isNotEmptyFile();

        Launched.Ended csv = Launched.run(
                scratch,
                "results",
                uninterrupted.toString(),
                "--format",
                "csv",
                "--sql",
                "select count(*) as n, max(step) as last from metrics");
        assertThat(csv.code()).as(csv.err()).isZero();
        assertThat(csv.out().trim().lines()).containsExactly("n,last", "1280,320");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_sweep_killed_and_stopped_at_random_times_ends_with_the_results_of_an_uninterrupted_one(int cells) {
        Random random = new Random(cells);
        Path disturbed = scratch.resolve("disturbed");
        for (int i = 0; i < DISTURBANCES; i++) {
            if (stepsIn(disturbed) == STEPS) {
                requireUndisturbedResults(disturbed, cells);
                DurableFiles.delete(disturbed);
            }
            disturb(disturbed, cells, random);
        }
        requireUndisturbedResults(disturbed, cells);
    }

    /** Kills or stops a sweep after some further steps and milliseconds, possibly at its end or during the report. */
    private void disturb(Path out, int cells, Random random) {
        long steps = Math.min(STEPS, stepsIn(out) + random.nextInt((int) STEPS));
        long pause = random.nextInt(300_000_000);
        Launched.Signal signal = Launched.Signal.values()[random.nextInt(Launched.Signal.values().length)];
        Launched running = sweep(out, "--cells", Integer.toString(cells));
        while (running.isRunning() && (stepsIn(out) < steps || !running.hasBegun())) {
            LockSupport.parkNanos(20_000_000);
        }
        LockSupport.parkNanos(pause);
        running.send(signal);
        Launched.Ended end = running.await();
        if (signal != Launched.Signal.KILL && end.code() != 130) {
            // Then it had ended before.
            assertThat(end.code()).as("%s: %s", signal, end.err()).isZero();
            assertThat(out.resolve("report.html")).isNotEmptyFile();
        }
    }

    private void requireUndisturbedResults(Path out, int cells) {
        Launched.Ended last = sweep(out, "--cells", Integer.toString(cells)).await();
        assertThat(last.code()).as(last.err()).isZero();
        assertThat(results(out)).isEqualTo(results(uninterrupted));
        assertThat(metrics(out)).isEqualTo(metrics(uninterrupted));
    }

    @Test
    void a_full_disk_is_reported_and_the_run_resumes_when_there_is_space() throws Exception {
        Path disk = Files.createDirectory(scratch.resolve("disk"));
        assumeTrue(
                isDone("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk.toString()),
                "a small file system must be mounted, which needs root");
        try {
            Path out = disk.resolve("out");
            Launched.Ended full = sweep(out).await();
            assertThat(full.code()).as(full.err()).isEqualTo(2);
            assertThat(full.err()).contains("error: output must be writable, got: No space left on device (" + out);
            assertThat(records(out)).anyMatch(record -> record.status() != RunRecord.Status.COMPLETED);
            assertThat(isDone("mount", "-o", "remount,size=50m", disk.toString()))
                    .isTrue();
            requireUndisturbedResults(out, 1);
        } finally {
            isDone("umount", disk.toString());
        }
    }

    private static boolean isDone(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void sigterm_stops_every_running_cell_and_all_resume() {
        Path together = scratch.resolve("together");
        Launched running = sweep(together, "--cells", "2");
        awaitThat(
                running,
                process -> runFolders(together).stream()
                                .filter(run -> lineCount(run.resolve("metrics.jsonl")) >= 10)
                                .count()
                        == 2);
        running.send(Launched.Signal.TERM);
        Launched.Ended end = running.await();
        assertThat(end.code()).as(end.err()).isEqualTo(130);
        assertThat(end.err()).contains("run the same command to resume");
        assertThat(records(together)).hasSize(2).allMatch(record -> record.status() == RunRecord.Status.INTERRUPTED);
        Launched.Ended last = sweep(together, "--cells", "2").await();
        assertThat(last.err()).contains("4 computed, 0 already there, 0 failed");
        assertThat(results(together)).isEqualTo(results(uninterrupted));
        assertThat(metrics(together)).isEqualTo(metrics(uninterrupted));
    }

    @Test
    void a_second_process_in_the_same_folder_is_refused() {
        Path out = scratch.resolve("out");
        Launched first = sweep(out);
        awaitThat(first, process -> stepsIn(out) >= 1);
        Launched.Ended second = sweep(out).await();
        assertThat(second.code()).isEqualTo(2);
        assertThat(second.err()).contains("output folder must be used by one process at a time");
        assertThat(first.await().code()).isZero();
    }

    @Test
    void workers_of_which_one_is_killed_end_with_the_results_of_an_uninterrupted_sweep() {
        Path out = scratch.resolve("worked");
        Launched killed = sweep(out, "--worker", "--lease", "2");
        awaitThat(killed, process -> stepsIn(out) >= 40);
        Launched living = sweep(out, "--worker", "--lease", "2");
        awaitThat(killed, process -> living.hasBegun());
        killed.send(Launched.Signal.KILL);
        Launched.Ended end = living.await();
        assertThat(end.code()).as(end.err()).isZero();
        assertThat(results(out)).isEqualTo(results(uninterrupted));
        assertThat(metrics(out)).isEqualTo(metrics(uninterrupted));
        assertThat(out.resolve("report.html")).isNotEmptyFile();
    }

    @Test
    void a_run_with_a_nan_loss_fails_with_its_name_and_the_others_continue() {
        Path out = scratch.resolve("out");
        Launched.Ended end = sweep(out, "--set", "sweep={optimizer.learning_rate: [1.0e+308, 0.01]}")
                .await();
        assertThat(end.code()).isEqualTo(1);
        assertThat(end.err())
                .contains("1 failed")
                .contains("must be finite, got")
                .contains("pair");
        assertThat(records(out).stream().map(RunRecord::status))
                .containsExactlyInAnyOrder(RunRecord.Status.FAILED, RunRecord.Status.COMPLETED);
    }

    private Launched sweep(Path out, String... more) {
        return sweep(scratch, out, more);
    }

    private static Launched sweep(Path scratch, Path out, String... more) {
        try {
            Path config = Files.writeString(scratch.resolve("small.yaml"), SWEEP, StandardCharsets.UTF_8);
            String[] fixed = {"sweep", config.toString(), "--out", out.toString()};
            String[] arguments = Stream.of(fixed, more).flatMap(Arrays::stream).toArray(String[]::new);
            return Launched.start(scratch, arguments);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitThat(Launched running, Predicate<Launched> condition) {
        while (running.isRunning() && !condition.test(running)) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(running.isRunning()).as("still running when disturbed").isTrue();
    }

    private static long stepsIn(Path out) {
        return runFolders(out).stream()
                .mapToLong(run -> lineCount(run.resolve("metrics.jsonl")))
                .sum();
    }

    private static long lineCount(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static List<Path> runFolders(Path out) {
        try (var folders = Files.list(out.resolve("runs"))) {
            return folders.sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<RunRecord> records(Path out) {
        return runFolders(out).stream()
                .map(run -> new RunFolder(run).record().orElseThrow())
                .toList();
    }

    private static Map<String, Object> results(Path out) {
        return new TreeMap<>(records(out).stream().collect(Collectors.toMap(RunRecord::id, RunRecord::result)));
    }

    /** All metrics and evaluations without their times. */
    private static Map<String, Object> metrics(Path out) {
        Map<String, Object> all = new TreeMap<>();
        for (Path run : runFolders(out)) {
            for (String file : List.of("metrics.jsonl", "evaluations.jsonl", "pairs.jsonl", "frontier.jsonl")) {
                List<Map<String, Object>> lines = JsonLines.read(run.resolve(file));
                lines.forEach(line -> line.remove("step_seconds"));
                all.put(run.getFileName() + "/" + file, lines);
            }
        }
        return all;
    }
}
