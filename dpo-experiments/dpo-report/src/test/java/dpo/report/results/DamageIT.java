package dpo.report.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.store.Sha256;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.RunExecution;
import dpo.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files of a run that are damaged while it is stopped, or removed while it trains: the run never uses data that it has
 * not written, never completes with missing files, and the next start gives the results of an uninterrupted run.
 *
 * <p>The system property {@code dpo.campaign} sets the number of random disturbances.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class DamageIT {
    private static final int DISTURBANCES = Integer.getInteger("dpo.campaign", 3);

    private static final String EXPERIMENT = """
            name: world
            backend: tabular
            model: {vocabulary: 5, length: 4, prompts: 2}
            data: {train: {format: world, pairs: 64}, evaluation: {format: world, pairs: 16}}
            objective: {preference: {type: sigmoid}}
            reference: {sync_steps: 4, mixup_alpha: 0.5}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 2, batch_size: 8, evaluate_every: 6, checkpoint_every: 3, samples: {prompts: 2, max_new_tokens: 3}}
            """;
    private static final Pattern TIMES = Pattern.compile("\"step_seconds\":[^,}]+");

    @TempDir
    private Path folder;

    private final Backends backends = Backends.onClassPath();
    private PlannedRun plan;
    private Map<String, String> uninterrupted = Map.of();

    @BeforeEach
    void compute() throws IOException {
        Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT);
        plan = new Planner(backends)
                .plan(ExperimentFile.read(file, List.of(), backends).cells())
                .get(0);
        assertThat(execute("uninterrupted", () -> false, Progress.SILENT).status())
                .isEqualTo(Status.COMPLETED);
        uninterrupted = numbers("uninterrupted");
    }

    @ParameterizedTest
    @EnumSource
    void a_stopped_run_with_any_damaged_file_ends_with_the_results_of_an_uninterrupted_run(Damage damage)
            throws IOException {
        Random random = new Random(damage.ordinal());
        for (int i = 0; i < DISTURBANCES; i++) {
            String name = damage + "-" + i;
            assertThat(execute(name, stopAfter(3 + random.nextInt(16)), Progress.SILENT)
                            .status())
                    .isEqualTo(Status.INTERRUPTED);
            List<Path> files = files(name);
            Path file = files.get(random.nextInt(files.size()));
            damage.apply(file, random);
            assertThat(execute(name, () -> false, Progress.SILENT).status())
                    .as("%s", file)
                    .isEqualTo(Status.COMPLETED);
            assertThat(numbers(name)).as("%s", file).isEqualTo(uninterrupted);
            assertThat(isComplete(name)).isTrue();
            DurableFiles.delete(folder.resolve(name));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_completed_run_with_any_damaged_file_is_not_complete_until_it_has_been_computed_again(Damage damage)
            throws IOException {
        Random random = new Random(damage.ordinal());
        for (int i = 0; i < DISTURBANCES; i++) {
            String name = damage + "-" + i;
            copy("uninterrupted", name);
            assertThat(isComplete(name)).isTrue();
            List<Path> files = files(name);
            Path file = files.get(random.nextInt(files.size()));
            byte[] before = Files.readAllBytes(file);
            damage.apply(file, random);
            boolean isSame = Files.exists(file) && Arrays.equals(Files.readAllBytes(file), before);
            boolean isRecord = file.endsWith("run.json"); // of which white space may differ
            assertThat(isComplete(name))
                    .as("%s", file)
                    .satisfiesAnyOf(
                            complete -> assertThat(complete).isFalse(),
                            complete -> assertThat(isSame || isRecord).isTrue());
            if (!isComplete(name)) {
                assertThat(statusInResults(name)).isEqualTo(Run.DAMAGED);
                List<String> printed = new ArrayList<>();
                assertThat(execute(name, () -> false, TrainingProgress.printing(printed))
                                .status())
                        .isEqualTo(Status.COMPLETED);
                assertThat(printed).as("%s", file).anyMatch(line -> line.contains("must"));
                assertThat(isComplete(name)).isTrue();
                assertThat(folder.resolve(name).resolve("damaged/1")).isNotEmptyDirectory();
            }
            assertThat(numbers(name)).isEqualTo(uninterrupted);
            DurableFiles.delete(folder.resolve(name));
        }
    }

    @Test
    void a_run_whose_files_are_removed_while_it_trains_does_not_complete_and_the_next_start_does() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < DISTURBANCES; i++) {
            String name = "removed-" + i;
            int step = 1 + random.nextInt(16);
            int choice = random.nextInt(1000);
            List<Path> removed = new ArrayList<>();
            Progress remover = TrainingProgress.atStep(step, () -> {
                List<Path> all = everythingIn(folder.resolve(name));
                removed.add(all.get(choice % all.size()));
                DurableFiles.delete(removed.get(0));
            });
            try {
                Status end = execute(name, () -> false, remover).status();
                // Files that are rewritten in any case, such as the checkpoint, need not be detected.
                assertThat(end).as("%s", removed).isEqualTo(Status.COMPLETED);
                assertThat(isComplete(name)).as("%s", removed).isTrue();
            } catch (OutputException refused) {
                assertThat(refused).as("%s", removed).hasMessageContaining(name);
                assertThat(isComplete(name)).isFalse();
                assertThat(execute(name, () -> false, Progress.SILENT).status()).isEqualTo(Status.COMPLETED);
            }
            assertThat(numbers(name)).as("%s", removed).isEqualTo(uninterrupted);
            DurableFiles.delete(folder.resolve(name));
        }
    }

    @Test
    void a_damaged_checkpoint_falls_back_to_the_one_before_it() throws IOException {
        execute("fallback", stopAfter(18), Progress.SILENT);
        Path checkpoints = folder.resolve("fallback/checkpoints");
        assertThat(checkpoints.resolve("resume.previous/state.json")).exists();
        List<String> printed = new ArrayList<>();
        Damage.FLIPPED_BIT.apply(files("fallback/checkpoints/resume/policy").get(0), new Random(0));
        assertThat(execute("fallback", stopAfter(1), TrainingProgress.printing(printed))
                        .status())
                .isEqualTo(Status.INTERRUPTED);
        assertThat(printed).hasSize(2);
        assertThat(printed.get(0)).contains("checkpoint cannot be used: policy/", "must have the checksum");
        assertThat(printed.get(1)).startsWith("resuming from the previous checkpoint");
        assertThat(folder.resolve("fallback/damaged/1/resume/state.json")).exists();
        assertThat(execute("fallback", () -> false, Progress.SILENT).status()).isEqualTo(Status.COMPLETED);
        assertThat(numbers("fallback")).isEqualTo(uninterrupted);
    }

    @Test
    void a_run_does_not_resume_from_the_checkpoint_of_another_run() throws IOException {
        execute("mine", stopAfter(10), Progress.SILENT);
        Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT.replace("0.05", "0.06"));
        PlannedRun other = new Planner(backends)
                .plan(ExperimentFile.read(file, List.of(), backends).cells())
                .get(0);
        Files.delete(folder.resolve("mine/run.json"));
        List<String> printed = new ArrayList<>();
        RunRecord end = execution("mine", () -> false)
                .execute(other, new RunFolder(folder.resolve("mine")), TrainingProgress.printing(printed));
        assertThat(end.status()).isEqualTo(Status.COMPLETED);
        assertThat(printed).singleElement().asString().contains("run.json must be", "restarting");
        assertThat(folder.resolve("mine/damaged/1/metrics.jsonl")).exists();
    }

    @Test
    void a_run_resumes_in_the_folder_to_which_it_was_moved() throws IOException {
        execute("here", stopAfter(10), Progress.SILENT);
        Files.move(folder.resolve("here"), folder.resolve("there"));
        List<String> printed = new ArrayList<>();
        execute("there", () -> false, TrainingProgress.printing(printed));
        assertThat(printed).isEmpty();
        assertThat(numbers("there")).isEqualTo(uninterrupted);
    }

    @Test
    void a_folder_moved_while_its_run_trains_is_not_touched() throws IOException {
        Progress mover = TrainingProgress.atStep(5, () -> move(folder.resolve("from"), folder.resolve("to")));
        assertThatThrownBy(() -> execute("from", () -> false, mover)).isInstanceOf(OutputException.class);
        assertThat(folder.resolve("from")).doesNotExist();
        execute("to", () -> false, Progress.SILENT);
        assertThat(numbers("to")).isEqualTo(uninterrupted);
    }

    private RunRecord execute(String name, BooleanSupplier stop, Progress progress) {
        return execution(name, stop).execute(plan, new RunFolder(folder.resolve(name)), progress);
    }

    private RunExecution execution(String name, BooleanSupplier stop) {
        return new RunExecution(new Planner(backends), backends, folder, folder.resolve(name + "-reference"), stop);
    }

    private boolean isComplete(String name) {
        return RunExecution.isComplete(new RunFolder(folder.resolve(name)), plan, true);
    }

    private String statusInResults(String name) {
        try (Results results = Results.open(folder.resolve(name))) {
            assertThat(results.warnings()).hasSize(1);
            return results.runs().get(0).status();
        }
    }

    /** Requests a stop after this number of polls. */
    private static BooleanSupplier stopAfter(int questions) {
        AtomicInteger left = new AtomicInteger(questions);
        return () -> left.decrementAndGet() < 0;
    }

    /** All files of a run, sorted. */
    private List<Path> files(String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(name))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** The folder and its content, sorted. */
    private static List<Path> everythingIn(Path run) {
        try (Stream<Path> all = Files.walk(run)) {
            return all.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(String from, String to) throws IOException {
        Path source = folder.resolve(from);
        for (Path path : everythingIn(source)) {
            Files.copy(path, folder.resolve(to).resolve(source.relativize(path).toString()));
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All records and the trained model, without times. */
    private Map<String, String> numbers(String name) throws IOException {
        Map<String, String> numbers = new TreeMap<>();
        Path run = folder.resolve(name);
        for (Path file : files(name)) {
            String relative = run.relativize(file).toString();
            if (relative.endsWith(".jsonl") && !relative.startsWith("damaged")) {
                numbers.put(relative, TIMES.matcher(Files.readString(file)).replaceAll(""));
            } else if (relative.startsWith("checkpoints")) {
                numbers.put(relative, Sha256.of(Files.readAllBytes(file)));
            }
        }
        numbers.put("result", new RunFolder(run).record().orElseThrow().result().toString());
        return numbers;
    }
}
