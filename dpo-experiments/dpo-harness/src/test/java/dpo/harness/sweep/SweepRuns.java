package dpo.harness.sweep;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.Leases;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Sweeps of a small experiment in folders below one folder. */
final class SweepRuns {

    static final String EXPERIMENT = """
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

    private final Path folder;

    SweepRuns(Path folder) {
        this.folder = folder;
    }

    Sweep.Outcome start(String name, int atOnce, Progress progress) {
        return start(name, atOnce, progress, () -> false, new ArrayList<>());
    }

    Sweep.Outcome start(
            String name,
            int atOnce,
            Progress progress,
            BooleanSupplier stop,
            List<String> printed,
            String... overrides) {
        return sweep(name, overrides).run(execution(name, stop), atOnce, EXPERIMENT, progress, line -> {
            synchronized (printed) {
                printed.add(line);
            }
        });
    }

    /** A start of a worker. */
    Sweep.Outcome work(String name, Leases leases, Progress progress, List<String> printed, String... overrides) {
        return sweep(name, overrides).run(execution(name, leases), 1, EXPERIMENT, progress, printed::add);
    }

    Sweep sweep(String name, String... overrides) {
        return new Sweep(folder.resolve(name), plan(overrides), file(overrides).halving());
    }

    RunExecution execution(String name, Leases leases) {
        Backends backends = Backends.onClassPath();
        return new RunExecution(
                new Planner(backends),
                backends,
                folder,
                folder.resolve(name).resolve("reference"),
                () -> false,
                Optional.of(leases),
                List.of());
    }

    List<PlannedRun> plan(String... overrides) {
        return new Planner(Backends.onClassPath())
                .plan(file(overrides).cells(), file(overrides).halving());
    }

    /** The experiment with overrides. */
    synchronized ExperimentFile file(String... overrides) {
        try {
            Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT);
            return ExperimentFile.read(file, List.of(overrides), Backends.onClassPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RunExecution execution(String name, BooleanSupplier stop) {
        Backends backends = Backends.onClassPath();
        return new RunExecution(
                new Planner(backends), backends, folder, folder.resolve(name).resolve("reference"), stop);
    }

    List<Path> runs(String name) {
        try (Stream<Path> runs = Files.list(folder.resolve(name).resolve("runs"))) {
            return runs.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<RunRecord> records(String name) {
        return runs(name).stream()
                .map(run -> new RunFolder(run).record().orElseThrow())
                .toList();
    }

    Map<String, Object> results(String name) {
        Map<String, Object> results = new TreeMap<>();
        records(name).forEach(record -> results.put(record.id(), record.result()));
        return results;
    }

    /** All recorded bytes without the times. */
    Map<String, String> numbers(String name) {
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
}
