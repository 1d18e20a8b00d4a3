package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.sweep.Placement;
import dpo.harness.sweep.PlannedRun;
import dpo.harness.sweep.Planner;
import dpo.harness.sweep.RunExecution;
import dpo.harness.sweep.Sweep;
import dpo.report.html.Report;
import dpo.report.results.Results;
import dpo.report.results.TableFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code dpo sweep}. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description = {
            "Runs all unfinished cells of a sweep, prints the table and writes the report.",
            "If it is stopped or killed, run it again: it resumes and gives identical results."
        })
final class SweepCommand implements Callable<Integer> {

    @ParentCommand
    private @Nullable DpoCommand dpo;

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

    @Mixin
    private PlacementOptions placed = new PlacementOptions();

    @Option(
            names = "--cells",
            paramLabel = "N",
            description = {
                "Number of cells to run in parallel, each on its own thread. Default: ${DEFAULT-VALUE}.",
                "Results do not depend on it; each cell needs its own memory and backend threads."
            })
    private int atOnce = 1;

    @Mixin
    private JobFileOptions jobFile = new JobFileOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private WorkerOptions workers = new WorkerOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
        if (atOnce < 1) {
            throw new InvalidInputException("--cells must be at least 1, got " + atOnce);
        }
        Placement placement = cluster.isAsked() ? placed.ofClient() : placed.placement();
        Backends backends = Backends.onClassPath();
        Console console = Console.standard();
        ExperimentFile file = options.read(backends);
        List<ExperimentFile.Cell> cells = file.cells();
        cluster.requireDevice(file);
        if (jobFile.isAsked()) {
            String name = cells.get(0).config().name();
            System.out.print(jobFile.text(name, cells.size(), options.outputFolder(name), arguments()));
            return 0;
        }
        console.print(cells.size() + " cells; reading models and data");
        if (!cluster.isAsked()) {
            placement.requireUsable(cells, atOnce, backends);
            memory.checkModels(backends, cells, console);
        }
        Planner planner = new Planner(backends, InputCache.of(System.getenv()), placement);
        List<PlannedRun> runs = planner.plan(cells, file.halving());
        placement.requireWork(runs);
        planner.notices().forEach(console::print);
        DataSummary.print(runs, console);
        Path folder = options.outputFolder(cells.get(0).config().name());
        if (new RunFolder(folder).record().isPresent()) {
            throw new OutputException(
                    "output folder must be a sweep's, got the folder of a single run (" + folder + ")");
        }
        Sweep sweep = workers.part(new Sweep(folder, runs, file.halving()));
        if (!cluster.isAsked()) {
            memory.check(
                    backends,
                    placement.inOneMemory(sweep.withoutResult()),
                    placement.inOneMemory(atOnce, cells.get(0).config().device()),
                    console);
        }
        boolean isShared = workers.isWorker() || cluster.isAsked();
        Optional<Leases> leases = workers.leases(folder, isShared);
        try (FolderLock held = workers.lock(folder, isShared);
                Leases beating = leases.orElse(null)) {
            return Objects.requireNonNull(dpo)
                    .stop()
                    .guard(
                            console,
                            stopRequested -> run(
                                    sweep,
                                    new RunExecution(
                                            planner,
                                            backends,
                                            options.sources(),
                                            folder.resolve("reference"),
                                            stopRequested,
                                            leases,
                                            RankCommand.line()),
                                    folder,
                                    file,
                                    leases,
                                    console));
        }
    }

    private List<String> arguments() {
        return Objects.requireNonNull(spec)
                .root()
                .commandLine()
                .getParseResult()
                .originalArgs();
    }

    private int run(
            Sweep sweep,
            RunExecution execution,
            Path folder,
            ExperimentFile file,
            Optional<Leases> leases,
            Console console) {
        Sweep.Outcome outcome = cluster.isAsked()
                ? cluster.of(sweep, execution, file, arguments(), console).run(name(file), file.source())
                : sweep.run(execution, atOnce, file.source(), console, console::print);
        if (outcome.interrupted()) {
            console.print("interrupted; run the same command to resume");
            return ErrorMessages.INTERRUPTED;
        }
        console.print(outcome.computed() + " computed, " + outcome.alreadyThere() + " already there, "
                + outcome.failed() + " failed"
                + (outcome.dropped() == 0 ? "" : ", " + outcome.dropped() + " dropped by halving"));
        if (workers.isPart()) {
            // Others read how the cell has ended; another exit code means that it has not.
            return 0;
        }
        if (!outcome.open().isEmpty()) {
            console.print(outcome.open().size() + " unfinished; run the same command to resume");
        }
        try (Results results = Results.open(folder)) {
            System.out.print(TableFormat.TABLE.render(results.overview()));
        }
        try (Lease lease = leases.map(shared -> shared.claim("report"))
                .orElse(Optional.of(Lease.ALONE))
                .orElse(null)) {
            console.print(lease == null ? "report: written by another worker" : report(folder));
        }
        return exitCode(outcome);
    }

    private static int exitCode(Sweep.Outcome outcome) {
        return outcome.failed() == 0 && outcome.open().isEmpty() ? 0 : ErrorMessages.FAILED;
    }

    private static String name(ExperimentFile file) {
        return file.cells().get(0).config().name();
    }

    private static String report(Path folder) {
        return Report.isCurrent(folder)
                ? "report, which is up to date: " + Report.path(folder)
                : "report: " + Report.write(folder);
    }
}
