package dpo.harness.sweep;

import dpo.core.InvalidInputException;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
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
        this(planner, backends, sources, references, stopRequested, Optional.empty());
    }

    /** @param leases how processes on several machines share the work of a sweep; empty if there is one process only */
    public RunExecution(
            Planner planner,
            Backends backends,
            Path sources,
            Path references,
            BooleanSupplier stopRequested,
            Optional<Leases> leases) {
        this.planner = planner;
        this.sources = sources;
        this.backends = backends;
        this.references = new ReferenceCache(references, leases, this::isStopRequested);
        this.stopRequested = stopRequested;
        this.leases = leases;
    }

    /** How processes on several machines share the work of a sweep; empty if there is one process only. */
    Optional<Leases> leases() {
        return leases;
    }

    /** Whether running cells should stop and no further cell should start. */
    boolean isStopRequested() {
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
        return folder.record()
                .filter(record -> record.status() == Status.COMPLETED
                        && record.identity().equals(run.identity().toMap())
                        && record.files().isPresent()
                        && folder.damage(record, thorough).isEmpty())
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
        Optional<RunRecord> before = resumable(run, folder, progress);
        DurableFiles.createFolder(folder.path());
        double secondsBefore = before.map(RunRecord::seconds).orElse(0.0);
        RunRecord record =
                started(run, before.map(RunRecord::started).orElse(Instant.now().toString()), secondsBefore);
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
        try (Models models = planner.openAll(run.config())) {
            RunInputs.of(run, models.policy().checksums(), this::content, planner.classes(run.config()), backends)
                    .write(folder);
            Optional<Map<String, Double>> finished = new RecordedTraining(
                            run.config(),
                            run.data(),
                            models,
                            folder,
                            references,
                            planner.backendHash(planner.reference(run.config())),
                            new LeasedProgress(progress, lease),
                            this::isStopRequested,
                            pause)
                    .run();
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
        Manifest files = folder.manifest(end == Status.COMPLETED ? results(run.config()) : List.of());
        RunRecord ended = record.ended(end, Instant.now().toString(), seconds, result, error, files);
        lease.require();
        folder.write(ended);
        if (end == Status.COMPLETED) {
            folder.checkpoints().discardResume();
        }
        return ended;
    }

    /**
     * The record of this run if it can resume; empty for a new start. Damaged files, and those of another run, are
     * moved aside.
     */
    private static Optional<RunRecord> resumable(PlannedRun run, RunFolder folder, Progress progress) {
        Optional<RunRecord> record = folder.record();
        boolean isUnfinished = record.filter(before -> before.status() != Status.COMPLETED
                        && before.identity().equals(run.identity().toMap()))
                .isPresent();
        boolean isFresh = record.isEmpty() && !folder.holdsRun();
        if (isUnfinished || isFresh) {
            return record;
        }
        String damage = folder.damage(true).orElse("run must be " + run.id() + ", got another one");
        boolean resumes = record.isEmpty()
                && RecordedTraining.canResume(folder, run.identity().toMap());
        String warning = damage + " (" + folder.path() + "); "
                + (resumes
                        ? "resuming from the checkpoint"
                        : "restarting; the previous files are now in " + folder.setAside(folder.everything()));
        LOG.warn(warning);
        progress.print("warning: " + warning);
        return Optional.empty();
    }

    /** The files and folders of a completed run. */
    private static List<String> results(ExperimentConfig config) {
        List<String> results = new ArrayList<>(
                List.of("config.yaml", RunFolder.METRICS, RunFolder.EVALUATIONS, RunFolder.PAIRS, "tensorboard"));
        if (config.training().saveModel()) {
            results.add("checkpoints/final");
        }
        if (config.training().best().isPresent()) {
            results.add("checkpoints/best");
        }
        if (config.training().samples().isPresent()) {
            results.add(RunFolder.SAMPLES);
        }
        return results;
    }

    private RunRecord started(PlannedRun run, String started, double seconds) {
        return new RunRecord(
                run.id(),
                run.config().name(),
                Status.RUNNING,
                run.settings(),
                run.identity().toMap(),
                provenance(run),
                Environment.of(run.config(), backends, commit()),
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
        return contents.computeIfAbsent(input, planner::content);
    }

    private Map<String, Object> provenance(PlannedRun run) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put(
                "settings", ExperimentFile.resolvedTree(run.config(), backends).get("model"));
        model.put("fingerprint", run.identity().model());
        Map<String, Object> provenance = new LinkedHashMap<>(run.data().provenance());
        provenance.put("model", model);
        run.identity().reference().ifPresent(fingerprint -> {
            Map<String, Object> reference = new LinkedHashMap<>();
            reference.put(
                    "settings",
                    ExperimentFile.resolvedTree(run.config(), backends).get("reference"));
            reference.put("fingerprint", fingerprint);
            provenance.put("reference", reference);
        });
        List<String> ineffectiveSettings = run.ineffectiveSettings();
        if (!ineffectiveSettings.isEmpty()) {
            provenance.put("without_effect", ineffectiveSettings);
        }
        return provenance;
    }
}
