package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.backend.ScalarModel;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.train.Models;
import dpo.train.Progress;
import dpo.train.TrainingMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Runs of a small experiment in the controlled world, by the name of their folders. */
final class TabularRuns {

    private static final String EXPERIMENT = """
            name: loop
            backend: tabular
            model: {vocabulary: 5, length: 4, prompts: 2}
            data: {train: {format: world, pairs: 60}, evaluation: {format: world, pairs: 20}}
            objective: {preference: {type: ipo, reduction: mean}, sft: {weight: 0.1, reduction: token_mean}}
            optimizer: {learning_rate: 0.05}
            training: {epochs: 2, batch_size: 12, evaluate_every: 3}
            """;

    private final Supplier<Path> folder;

    /**
     * @param folder folder of the runs' folders; JUnit creates it after the fields of a test
     */
    TabularRuns(Supplier<Path> folder) {
        this.folder = folder;
    }

    List<Map<String, Object>> train(String name, String... overrides) {
        assertThat(run(name, () -> false, overrides)).isPresent();
        return metrics(name);
    }

    /** Stops runs after different numbers of steps, and resumes them to the end. */
    void stoppedAndResumed(Consumer<String> require, String... overrides) {
        for (int stopAfter = 1; stopAfter < 10; stopAfter += 2) {
            String name = "stopped-" + stopAfter;
            AtomicInteger left = new AtomicInteger(stopAfter);
            assertThat(run(name, () -> left.decrementAndGet() <= 0, overrides)).isEmpty();
            assertThat(run(name, () -> false, overrides)).isPresent();
            require.accept(name);
        }
    }

    Optional<Map<String, Double>> run(String name, BooleanSupplier stop, String... overrides) {
        return run(name, stop, UnaryOperator.identity(), overrides);
    }

    Optional<Map<String, Double>> run(
            String name, BooleanSupplier stop, UnaryOperator<Policy> seen, String... overrides) {
        return train(name, stop, seen, config(overrides), Ranks.ALONE, RecordedTraining::run);
    }

    /** A run whose steps several threads share. */
    Optional<Map<String, Double>> runOnRanks(int count, String name, BooleanSupplier stop, String... overrides) {
        ExperimentConfig config = config(overrides);
        List<ThreadRanks> ranks = ThreadRanks.of(count);
        Thread first = Thread.currentThread();
        List<Thread> others = ranks.subList(1, count).stream()
                .map(rank -> new Thread(() -> follow(name, config, rank, first)))
                .toList();
        others.forEach(Thread::start);
        try {
            return train(name, stop, UnaryOperator.identity(), config, ranks.get(0), RecordedTraining::run);
        } finally {
            others.forEach(Thread::interrupt);
        }
    }

    /** A run whose shares of steps one thread computes in turn. */
    Optional<Map<String, Double>> runInTurn(int count, String name, BooleanSupplier stop, String... overrides) {
        return train(
                name, stop, UnaryOperator.identity(), config(overrides), Ranks.inTurn(count), RecordedTraining::run);
    }

    /** Ends with an exception when rank 0 has ended before the last step; interrupts rank 0 if it fails itself. */
    private void follow(String name, ExperimentConfig config, Ranks rank, Thread first) {
        try {
            train(name, () -> false, UnaryOperator.identity(), config, rank, training -> {
                training.follow();
                return Optional.empty();
            });
        } catch (Ranks.Lost rankZeroHasEnded) {
            // As after a stop.
        } catch (RuntimeException | AssertionError e) {
            e.printStackTrace();
            first.interrupt();
        }
    }

    private Optional<Map<String, Double>> train(
            String name,
            BooleanSupplier stop,
            UnaryOperator<Policy> seen,
            ExperimentConfig config,
            Ranks ranks,
            Function<RecordedTraining, Optional<Map<String, Double>>> training) {
        PreparedData data = new DataPreparation(Backends.onClassPath()).prepare(config, Optional.empty(), 1000);
        RunFolder run = new RunFolder(folder.get().resolve(name));
        DurableFiles.createFolder(run.path());
        try (Policy policy = open(config);
                Policy second = open(config)) {
            ReferenceCache references = new ReferenceCache(run.path().resolve("reference"), Optional.empty(), stop);
            return training.apply(new RecordedTraining(
                    config,
                    data,
                    new Models(
                            seen.apply(policy),
                            config.trainingSettings().needsSecondModel() ? Optional.of(second) : Optional.empty(),
                            scalars(config)),
                    ranks,
                    run,
                    references,
                    "tabular",
                    Progress.SILENT,
                    stop,
                    OptionalInt.empty()));
        }
    }

    private static Map<String, ScalarModel> scalars(ExperimentConfig config) {
        Map<String, ScalarModel> scalars = new TreeMap<>();
        config.method()
                .map(TrainingMethod::scalarModels)
                .orElse(List.of())
                .forEach(name -> scalars.put(
                        name, new TabularBackend().openScalar((TabularModel) config.model(), config.execution(), 1)));
        return scalars;
    }

    private static Policy open(ExperimentConfig config) {
        return new TabularBackend().open((TabularModel) config.model(), config.execution(), config.seed());
    }

    ExperimentConfig config(String... overrides) {
        try {
            Path file = Files.writeString(folder.get().resolve("experiment.yaml"), EXPERIMENT);
            return ExperimentFile.read(file, List.of(overrides), Backends.onClassPath())
                    .cells()
                    .get(0)
                    .config();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Map<String, Object>> metrics(String name) {
        List<Map<String, Object>> lines = lines(name, "metrics.jsonl");
        lines.forEach(line -> line.remove("step_seconds"));
        return lines;
    }

    /** The identifying values of the held-out pairs, line by line. */
    List<Object> pairs(String name) {
        return lines(name, "pairs.jsonl").stream()
                .<Object>map(line -> List.of(line.get("step"), line.get("pair"), line.get("tokens"), line.get("turns")))
                .toList();
    }

    List<Map<String, Object>> samples(String name) {
        return lines(name, "samples.jsonl");
    }

    List<Map<String, Object>> evaluations(String name) {
        return lines(name, "evaluations.jsonl");
    }

    private List<Map<String, Object>> lines(String name, String file) {
        return JsonLines.read(folder.get().resolve(name).resolve(file));
    }

    /** Equal up to rounding. */
    static void assertSame(List<Map<String, Object>> expected, List<Map<String, Object>> got, String... metrics) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            for (String metric : metrics) {
                assertThat(((Number) got.get(i).get(metric)).doubleValue())
                        .as(metric + " in line " + (i + 1))
                        .isCloseTo(((Number) expected.get(i).get(metric)).doubleValue(), within(1e-9));
            }
        }
    }
}
