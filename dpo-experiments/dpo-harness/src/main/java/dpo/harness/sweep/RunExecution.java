package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.core.backend.Ranks;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.run.LeasedProgress;
import dpo.harness.run.RecordedTraining;
import dpo.harness.run.ReferenceCache;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.InputFile;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.Manifest;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Models;
import dpo.train.Progress;
import dpo.train.TrainingFailure;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Computes a planned run, or resumes it from the state of its folder. */
public final class RunExecution {

    private static final Logger LOG = LoggerFactory.getLogger(RunExecution.class);

    private final Planner planner;
    private final Backends backends;
    private final Path sources;
    private final ReferenceCache references;
    private final BooleanSupplier stopRequested;
    private final Optional<Leases> leases;
    private final List<String> rankCommand;
    private final DevicePool devices;
    private final Map<Path, Optional<GitCommit>> commits = new ConcurrentHashMap<>();
    private final Map<Path, SortedMap<String, InputFile>> contents = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /**
     * @param planner opens the policies
     * @param backends the backends
     * @param sources folder of the configuration file, whose commit is recorded if it is in a git repository
     * @param references folder of the reference log-probabilities that runs share
     * @param stopRequested polled after every step and during evaluations; if true, the run stops with a checkpoint
     */
    public RunExecution(
            Planner planner, Backends backends, Path sources, Path references, BooleanSupplier stopRequested) {
        this(planner, backends, sources, references, stopRequested, Optional.empty(), List.of());
    }

    /**
     * @param leases how processes on several machines share the work of a sweep; empty if there is one process only
     * @param rankCommand command line to which {@link RankArguments} are added to start the process of another rank; it is
     *     used only if the planner's placement has several
     */
    public RunExecution(
            Planner planner,
            Backends backends,
            Path sources,
            Path references,
            BooleanSupplier stopRequested,
            Optional<Leases> leases,
            List<String> rankCommand) {
        this.planner = planner;
        this.sources = sources;
        this.backends = backends;
        this.references = new ReferenceCache(references, leases, this::isStopRequested);
        this.stopRequested = stopRequested;
        this.leases = leases;
        this.rankCommand = rankCommand;
        this.devices = new DevicePool(planner.placement());
    }

    /** How processes on several machines share the work of a sweep; empty if there is one process only. */
    Optional<Leases> leases() {
        return leases;
    }

    /** Whether running cells should stop and no further cell should start. */
    public boolean isStopRequested() {
        return stopped || stopRequested.getAsBoolean();
    }

    /** Requests a stop, as a signal does. */
    void stop() {
        stopped = true;
    }

    /**
     * Whether a folder holds the intact result of this run.
     *
     * @param thorough as in {@link RunFolder#damage}
     */
    public static boolean isComplete(RunFolder folder, PlannedRun run, boolean thorough) {
        return folder.completed(run.identity().toMap())
                .filter(record -> folder.damage(record, thorough).isEmpty())
                .isPresent();
    }

    /** Whether a folder holds the intact result of this run; files known to be unchanged since an earlier start are not read. */
    boolean isComplete(RunFolder folder, PlannedRun run) {
        return folder.completed(run.identity().toMap())
                .flatMap(RunRecord::files)
                .filter(files ->
                        files.damage(folder.path(), planner.cache()::checksum).isEmpty())
                .isPresent();
    }

    /** The settings of the process, which runs must share to be computed in parallel. */
    BackendModel.ProcessSettings processSettings(PlannedRun run) {
        return BackendModel.of(backends, run.config()).processSettings(run.config());
    }

    /**
     * Computes a run, or the rest of it, on the calling thread. Several threads may compute runs in different folders
     * in parallel.
     *
     * @param progress receives the progress of this run
     * @return its record at the end: completed, failed or interrupted
     * @throws OutputException if the folder cannot be written
     */
    public RunRecord execute(PlannedRun run, RunFolder folder, Progress progress) {
        return execute(run, folder, progress, OptionalInt.empty(), Lease.ALONE);
    }

    /**
     * Like {@link #execute(PlannedRun, RunFolder, Progress)}, up to the evaluation after a step: the run is then interrupted
     * and can resume.
     *
     * @param pause the step; empty to compute the whole run
     * @param lease the right to compute the run, without which nothing is recorded
     * @throws Lease.Lost if another process has taken over
     */
    RunRecord execute(PlannedRun run, RunFolder folder, Progress progress, OptionalInt pause, Lease lease) {
        try (DevicePool.Taken taken = devices.take(run.config())) {
            return execute(run, folder, taken.devices(), progress, pause, lease);
        }
    }

    private RunRecord execute(
            PlannedRun run,
            RunFolder folder,
            List<String> ofProcesses,
            Progress progress,
            OptionalInt pause,
            Lease lease) {
        Placement placement = planner.placement();
        ExperimentConfig placed = placement.on(ofProcesses.get(0), run.config());
        Optional<RunRecord> before = UnfinishedRun.of(run, folder, progress);
        DurableFiles.createFolder(folder.path());
        double secondsBefore = before.map(RunRecord::seconds).orElse(0.0);
        RunRecord record = started(
                run, placed, before.map(RunRecord::started).orElse(Instant.now().toString()), secondsBefore);
        folder.write(record);
        folder.discardFailure();
        folder.writeConfig(ExperimentFile.resolved(run.config(), backends));
        run.data().sources().forEach((part, source) -> folder.writeProvenance(part, source.toJson()));
        folder.writeProvenance("run", RunInTribuo.json(run, record, backends));
        Manifest documents = folder.documents();
        long begin = System.nanoTime();
        Status end;
        Map<String, Double> result = Map.of();
        Optional<String> error = Optional.empty();
        try (RankProcesses ranks = RankProcesses.start(
                        placement,
                        ofProcesses,
                        BackendModel.of(backends, run.config()),
                        new RankArguments(folder.path(), references.folder(), placement.ranks()).starter(rankCommand));
                Models models = planner.openAll(placed)) {
            RunInputs.of(run, models.policy().checksums(), this::content, planner.classes(run.config()), backends)
                    .write(folder);
            Progress leased = new LeasedProgress(progress, lease);
            Optional<Map<String, Double>> finished = ranks.with(() ->
                    training(run, models, ranks.ranks(), folder, leased, pause).run());
            result = finished.orElse(Map.of());
            end = finished.isPresent() ? Status.COMPLETED : Status.INTERRUPTED;
        } catch (OutputException | Lease.Lost passed) {
            throw passed;
        } catch (UncheckedIOException unwritable) {
            throw OutputException.writing(folder.path(), unwritable);
        } catch (TrainingFailure | InvalidInputException failure) {
            end = Status.FAILED;
            error = Optional.of(failure.getMessage());
            LOG.warn("run {} failed: {}", run.id(), failure.getMessage());
        } catch (RuntimeException | AssertionError | LinkageError | StackOverflowError unexpected) {
            // Such as out of memory on a device, or a fault of a user's own loss: other cells may still run.
            end = Status.FAILED;
            error = Optional.of(unexpected.toString());
            lease.require();
            folder.writeFailure(unexpected);
            LOG.error("run {} failed unexpectedly", run.id(), unexpected);
        }
        lease.require();
        double seconds = secondsBefore + (System.nanoTime() - begin) / 1e9;
        documents.damage(folder.path()).ifPresent(damage -> {
            throw new OutputException(
                    "output must stay in place while a run is computed, got: " + damage + " (" + folder.path() + ")");
        });
        if (end == Status.COMPLETED) {
            ModelCard.write(folder.checkpoints().trained(), run, result, backends);
        }
        Manifest files = folder.manifest(end == Status.COMPLETED ? run.results() : List.of());
        RunRecord ended = record.ended(end, Instant.now().toString(), seconds, result, error, files);
        lease.require();
        folder.write(ended);
        if (end == Status.COMPLETED) {
            folder.checkpoints().discardResume();
        }
        return ended;
    }

    private RecordedTraining training(
            PlannedRun run, Models models, Ranks ranks, RunFolder folder, Progress progress, OptionalInt pause) {
        return new RecordedTraining(
                run.config(),
                run.data(),
                models,
                ranks,
                folder,
                references,
                planner.backendHash(planner.reference(run.config())),
                progress,
                this::isStopRequested,
                pause);
    }

    /**
     * Takes part in a run that another process executes as rank 0, to its last step.
     *
     * @param device of this process
     * @param rank number of this process
     * @param meeting file at which the ranks meet
     * @param toStarter receives the lines that the process that has started this one waits for
     * @throws InvalidInputException if that run is another one
     * @throws Ranks.Lost if another rank has ended
     */
    public void follow(
            PlannedRun run, RunFolder folder, String device, int rank, Path meeting, Consumer<String> toStarter) {
        String differences = run.identity()
                .differences(folder.record().map(RunRecord::identity).orElse(Map.of()));
        if (!differences.isEmpty()) {
            throw new InvalidInputException(
                    "ranks must compute one run, got other " + differences + " than rank 0 (" + folder.path() + ")");
        }
        try (Models models = planner.openAll(planner.placement().on(device, run.config()));
                Ranks ranks = BackendModel.of(backends, run.config())
                        .backend()
                        .join(
                                device,
                                rank,
                                planner.placement().ranks(),
                                meeting,
                                () -> toStarter.accept(RankProcesses.READY))) {
            training(run, models, ranks, folder, Progress.SILENT, OptionalInt.empty())
                    .follow();
        }
    }

    private RunRecord started(PlannedRun run, ExperimentConfig placed, String started, double seconds) {
        return new RunRecord(
                run.id(),
                run.config().name(),
                Status.RUNNING,
                run.settings(),
                run.identity().toMap(),
                RunProvenance.of(run, backends),
                Environment.of(placed, planner.placement().ranks(), backends, commit()),
                started,
                Optional.empty(),
                seconds,
                Map.of(),
                Optional.empty(),
                Optional.empty());
    }

    /** The commit of the configuration file, asked once for all runs. */
    private Optional<GitCommit> commit() {
        return commits.computeIfAbsent(sources, GitCommit::of);
    }

    /** The content of an input, read once for all runs. */
    private SortedMap<String, InputFile> content(Path input) {
        return contents.computeIfAbsent(input, path -> planner.cache().at(path, name -> true));
    }
}
