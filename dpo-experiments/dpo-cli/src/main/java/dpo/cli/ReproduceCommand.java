package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.reproduce.Reproduction;
import dpo.harness.reproduce.RunComparison;
import dpo.harness.reproduce.Tolerance;
import dpo.harness.reproduce.Verdict;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.FolderLock;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.RunExecution;
import dpo.report.diff.ReproductionText;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code dpo reproduce}. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = {
            "Computes a completed run again from its folder alone, with its threads, ranks and device, and compares every step,"
                    + " evaluation, pair, the result and the trained model.",
            "Prints identical, within tolerance or different, the largest difference with its metric and step, and which"
                    + " settings, data rows, tensors, classes and versions differ.",
            "If it is stopped or killed, run it again: it resumes."
        },
        footer = {
            "",
            "Exit codes: 0 identical or within tolerance; 1 different, or the run failed; 2 the run is not complete or"
                    + " damaged, or inputs cannot be found; 130 interrupted, resumable."
        })
final class ReproduceCommand implements Callable<Integer> {

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Parameters(paramLabel = "RUN_DIR", description = "Folder of a run, also one of a sweep.")
    private Path recorded = Path.of("");

    @Mixin
    private InputFolders data = new InputFolders();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of the new run. Default: a folder in the user's cache, deleted if the runs are"
                    + " identical.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            description = "Numbers a, b may differ by T·max(1, |a|, |b|), shares of pairs by 100·T, counts not at all."
                    + " Default: ${DEFAULT-VALUE}.")
    private double tolerance = Tolerance.DEFAULT;

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

    @Override
    public Integer call() {
        Tolerance allowed = new Tolerance(tolerance);
        Backends backends = Backends.onClassPath();
        Console console = Console.standard();
        Reproduction reproduction =
                Reproduction.of(new RunFolder(recorded.toAbsolutePath().normalize()), data.paths(), backends);
        reproduction.notes().forEach(console::print);
        memory.checkModels(backends, List.of(reproduction.cell()), console);
        Planner planner = new Planner(backends, InputCache.none(), reproduction.placement());
        PlannedRun run = planner.plan(List.of(reproduction.cell())).get(0);
        planner.notices().forEach(console::print);
        RunFolder folder = new RunFolder(out.map(path -> path.toAbsolutePath().normalize())
                .orElseGet(() -> reproduction.cacheFolder(run.identity())));
        if (folder.path().startsWith(reproduction.recorded().path())) {
            throw new InvalidInputException("--out must be outside of the run, got " + folder.path());
        }
        TrainCommand.requireSameRun(folder, run);
        memory.check(backends, List.of(run), 1, console);
        try (FolderLock held = FolderLock.of(folder.path())) {
            return Objects.requireNonNull(dpo).stop().guard(console, stopRequested -> {
                RunRecord record = computed(planner, run, folder, stopRequested, backends, console);
                return record.status() == Status.COMPLETED
                        ? compare(reproduction.recorded(), folder, allowed, console)
                        : TrainCommand.unfinished(record, folder, console);
            });
        }
    }

    private RunRecord computed(
            Planner planner,
            PlannedRun run,
            RunFolder folder,
            BooleanSupplier stopRequested,
            Backends backends,
            Console console) {
        Path references = folder.path().resolve("reference");
        if (RunExecution.isComplete(folder, run, true)) {
            if (out.isPresent()) {
                console.print("already there, only compared: " + folder.path());
                return folder.record().orElseThrow();
            }
            // An earlier start found a difference, perhaps with other libraries: everything is computed anew.
            folder.everything().forEach(DurableFiles::delete);
            DurableFiles.delete(references);
        }
        return new RunExecution(planner, backends, recorded, references, stopRequested).execute(run, folder, console);
    }

    private int compare(RunFolder original, RunFolder again, Tolerance allowed, Console console) {
        RunComparison comparison = RunComparison.of(original, again, allowed);
        System.out.print(new ReproductionText(comparison, allowed).text());
        if (comparison.verdict() == Verdict.IDENTICAL && out.isEmpty()) {
            DurableFiles.delete(again.path());
        } else {
            console.print("the new run: " + again.path());
        }
        return comparison.verdict() == Verdict.DIFFERENT ? ErrorMessages.FAILED : 0;
    }
}
