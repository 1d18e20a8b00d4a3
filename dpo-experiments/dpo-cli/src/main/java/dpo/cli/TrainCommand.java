package dpo.cli;

import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigError;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ExperimentFile;
import dpo.harness.config.Place;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Json;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.sweep.Placement;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.RunExecution;
import dpo.report.html.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code dpo train}. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains one policy; an interrupted run resumes from its last checkpoint.")
final class TrainCommand implements Callable<Integer> {

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

    @Mixin
    private PlacementOptions placed = new PlacementOptions();

    @Override
    public Integer call() {
        Placement placement = placed.placement();
        Backends backends = Backends.onClassPath();
        Console console = Console.standard();
        ExperimentFile file = options.read(backends);
        if (file.isSweep()) {
            throw new ConfigException(new ConfigError(
                    "sweep", "must be absent for dpo train; use dpo sweep", new Place("config", 0, 0, Path.of(""))));
        }
        List<ExperimentFile.Cell> cells = file.cells();
        placement.requireUsable(cells, 1, backends);
        memory.checkModels(backends, cells, console);
        Planner planner = new Planner(backends, InputCache.of(System.getenv()), placement);
        PlannedRun run = planner.plan(cells).get(0);
        placement.requireWork(List.of(run));
        planner.notices().forEach(console::print);
        DataSummary.print(List.of(run), console);
        RunFolder folder = new RunFolder(options.outputFolder(run.config().name()));
        requireSameRun(folder, run);
        if (!RunExecution.isComplete(folder, run, false)) {
            memory.check(
                    backends,
                    placement.inOneMemory(List.of(run)),
                    placement.inOneMemory(1, run.config().device()),
                    console);
        }
        try (FolderLock held = FolderLock.of(folder.path())) {
            if (RunExecution.isComplete(folder, run, true)) {
                console.print("already there: " + folder.path());
                folder.checkpoints().discardResume();
                if (!Files.exists(Report.path(folder.path()))) {
                    console.print("report: " + Report.write(folder.path()));
                }
                return print(folder);
            }
            return Objects.requireNonNull(dpo).stop().guard(console, stopRequested -> {
                RunExecution execution = new RunExecution(
                        planner,
                        backends,
                        options.sources(),
                        folder.path().resolve("reference"),
                        stopRequested,
                        Optional.empty(),
                        RankCommand.line());
                return report(execution.execute(run, folder, console), folder, console);
            });
        }
    }

    private static int report(RunRecord record, RunFolder folder, Console console) {
        return switch (record.status()) {
            case COMPLETED -> {
                console.print("report: " + Report.write(folder.path()));
                yield print(folder);
            }
            default -> unfinished(record, folder, console);
        };
    }

    /** Prints why a run has no result; returns the exit code. */
    static int unfinished(RunRecord record, RunFolder folder, Console console) {
        if (record.status() == RunRecord.Status.INTERRUPTED) {
            console.print("interrupted; run the same command to resume");
            return ErrorMessages.INTERRUPTED;
        }
        console.print("error: " + folder.describeFailure(record));
        return ErrorMessages.FAILED;
    }

    /** Requires that a folder is new or holds this run. */
    static void requireSameRun(RunFolder folder, PlannedRun run) {
        if (Files.exists(folder.path().resolve("runs"))) {
            throw new OutputException(
                    "output folder must be a single run's, got the folder of a sweep (" + folder.path() + ")");
        }
        folder.record().map(RunRecord::identity).ifPresent(there -> {
            List<String> different = run.identity().toMap().entrySet().stream()
                    .filter(part -> !part.getValue().equals(there.get(part.getKey())))
                    .map(Map.Entry::getKey)
                    .toList();
            if (!different.isEmpty()) {
                throw new OutputException("output folder must be new or contain this run, got a run with another "
                        + String.join(" and ", different) + " (" + folder.path() + ")");
            }
        });
    }

    private static int print(RunFolder folder) {
        folder.record()
                .orElseThrow()
                .result()
                .forEach((name, value) -> System.out.println(name + "\t" + Json.number(value)));
        return 0;
    }
}
