package dpo.harness.sweep;

import dpo.harness.config.BackendModel;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Json;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cells of a configuration file and their run folders.
 *
 * <pre>
 *  config.yaml    the configuration file of the last start
 *  ledger.jsonl   starts and ends of runs
 *  runs/ID/       one folder per cell
 *  reference/     reference log-probabilities shared by the cells
 *  superseded/    runs that the configuration no longer contains
 * </pre>
 */
public final class Sweep {

    private final Path folder;
    private final List<PlannedRun> runs;
    private final Set<String> ids;
    private final Ledger ledger;
    private final Path current;
    private final Path superseded;

    public Sweep(Path folder, List<PlannedRun> runs) {
        this.folder = folder;
        this.runs = List.copyOf(runs);
        this.ids = runs.stream().map(PlannedRun::id).collect(Collectors.toSet());
        this.ledger = new Ledger(folder);
        this.current = folder.resolve("runs");
        this.superseded = folder.resolve("superseded");
    }

    /** The cells without a result, in order. Only {@link #run} reads all bytes of the trained models. */
    public List<PlannedRun> withoutResult() {
        Map<String, RunFolder> elsewhere = elsewhere();
        return runs.stream()
                .filter(run -> !RunExecution.isComplete(found(run, elsewhere), run, false))
                .toList();
    }

    /**
     * The outcome of the cells.
     *
     * @param computed cells that were completed in this start
     * @param alreadyThere cells whose result already existed, or is that of an equal cell
     * @param failed cells that failed, or whose files were removed before the end
     * @param interrupted whether a stop was requested before the end
     */
    public record Outcome(int computed, int alreadyThere, int failed, boolean interrupted) {

        private static Outcome of(List<Status> ends, int alreadyThere, int lost) {
            return new Outcome(
                    Collections.frequency(ends, Status.COMPLETED) - lost,
                    alreadyThere,
                    Collections.frequency(ends, Status.FAILED) + lost,
                    ends.contains(Status.INTERRUPTED));
        }
    }

    /**
     * Computes the cells without a result, in the order of the file. If several run in parallel, cells that need other
     * settings of the process run after the others. The number of parallel cells changes no result.
     *
     * @param atOnce number of cells computed in parallel, one thread per cell
     * @param configText the configuration file, copied to the folder
     * @param progress receives the number of completed cells, and the progress of each running one
     * @param print receives one line of text per event of a cell, on the thread that computes it
     * @throws OutputException if the folder cannot be written, after the running cells have stopped at a step boundary
     */
    public Outcome run(
            RunExecution execution, int atOnce, String configText, Progress progress, Consumer<String> print) {
        DurableFiles.createFolder(current);
        DurableFiles.write(folder.resolve("config.yaml"), configText);
        arrange(print);
        Set<String> completed = new ConcurrentSkipListSet<>();
        Map<String, Task> missing = missing(execution, progress, print, completed);
        progress.begin("cells", missing.size());
        try {
            List<Status> ends = new ArrayList<>();
            for (List<Supplier<Status>> together : together(missing.values(), atOnce)) {
                ends.addAll(Workers.run(atOnce, together, execution::stop));
            }
            return Outcome.of(ends, runs.size() - missing.size(), lost(completed, print));
        } finally {
            progress.end();
        }
    }

    /** Prints and counts the cells that this start completed and whose files are now damaged or missing. */
    private int lost(Set<String> completed, Consumer<String> print) {
        int lost = 0;
        for (String id : completed) {
            Optional<String> damage = new RunFolder(current.resolve(id)).damage(false);
            damage.ifPresent(what -> print.accept(id + " failed: " + what + "; the same command computes it again"));
            lost += damage.isPresent() ? 1 : 0;
        }
        return lost;
    }

    /**
     * A cell to compute.
     *
     * @param processSettings the settings of the process, which parallel cells must share
     */
    private record Task(BackendModel.ProcessSettings processSettings, Supplier<Status> work) {}

    /** Groups of tasks that can run in parallel; a single group if one cell runs at a time. */
    private static Collection<List<Supplier<Status>>> together(Collection<Task> tasks, int atOnce) {
        if (atOnce == 1) {
            return List.of(tasks.stream().map(Task::work).toList());
        }
        return tasks.stream()
                .collect(Collectors.groupingBy(
                        Task::processSettings, LinkedHashMap::new, Collectors.mapping(Task::work, Collectors.toList())))
                .values();
    }

    /** The tasks by identity: equal cells share a folder, which only one thread may write. */
    private Map<String, Task> missing(
            RunExecution execution, Progress progress, Consumer<String> print, Set<String> completed) {
        Map<String, Task> missing = new LinkedHashMap<>();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < runs.size(); i++) {
            PlannedRun run = runs.get(i);
            if (RunExecution.isComplete(folderOf(run), run, true)) {
                // They remain if an earlier start was killed after writing the result.
                folderOf(run).discardResumeCheckpoints();
                continue;
            }
            String cell = "[" + (i + 1) + "/" + runs.size() + "] " + run.id();
            missing.putIfAbsent(run.id(), new Task(execution.processSettings(run), () -> {
                Status end = compute(run, cell, execution, progress.part(run.name()), print);
                if (end == Status.COMPLETED) {
                    completed.add(run.id());
                }
                if (end != Status.INTERRUPTED) {
                    progress.at(done.incrementAndGet(), "");
                }
                return end;
            }));
        }
        return missing;
    }

    private Status compute(
            PlannedRun run, String cell, RunExecution execution, Progress progress, Consumer<String> print) {
        if (execution.isStopRequested()) {
            return Status.INTERRUPTED;
        }
        print.accept(cell);
        // In addition to the lock of the sweep, because dpo train may write to the folder of a cell.
        try (FolderLock held = FolderLock.of(folderOf(run).path())) {
            ledger.append(run.id(), Status.RUNNING);
            RunRecord record = execution.execute(run, folderOf(run), progress);
            ledger.append(run.id(), record.status());
            if (record.status() == Status.FAILED) {
                print.accept(cell + " failed: " + folderOf(run).describeFailure(record));
            }
            return record.status();
        }
    }

    private RunFolder folderOf(PlannedRun run) {
        return new RunFolder(current.resolve(run.id()));
    }

    /**
     * Makes {@code runs/} hold exactly the runs of the configuration, so that no table counts a run twice or shows one
     * that the configuration does not contain. A run whose name changed because the sweep has other keys is renamed; a
     * superseded run moves back if the configuration contains it again.
     */
    private void arrange(Consumer<String> print) {
        Map<String, RunFolder> elsewhere = elsewhere();
        for (PlannedRun run : runs) {
            RunFolder found = found(run, elsewhere);
            if (!found.equals(folderOf(run))) {
                DurableFiles.moveFolder(found.path(), folderOf(run).path());
                elsewhere.remove(run.identity().shortHash());
            }
            rename(run);
        }
        for (RunFolder other : notAskedFor()) {
            String difference = difference(other);
            Path place = superseded.resolve(other.name());
            DurableFiles.delete(place);
            DurableFiles.moveFolder(other.path(), place);
            print.accept("superseded: " + other.name() + " " + difference);
        }
    }

    /** Why a run is superseded: the parts of its identity that differ, or that no cell has its settings. */
    private String difference(RunFolder other) {
        Optional<RunRecord> record = other.record();
        return runs.stream()
                .filter(run ->
                        record.isPresent() && Json.line(record.get().settings()).equals(Json.line(run.settings())))
                .findFirst()
                .map(run -> "was computed with other "
                        + run.identity().differences(record.get().identity()))
                .orElse("is not in this configuration");
    }

    /** The folder that holds a run so far; its own folder if there is none. */
    private RunFolder found(PlannedRun run, Map<String, RunFolder> elsewhere) {
        RunFolder place = folderOf(run);
        return Files.exists(place.path())
                ? place
                : elsewhere.getOrDefault(run.identity().shortHash(), place);
    }

    /** Runs with names that are not in the configuration, and superseded ones, by the short hash in their names. */
    private Map<String, RunFolder> elsewhere() {
        Map<String, RunFolder> elsewhere = new HashMap<>();
        Stream.of(notAskedFor(), RunFolder.in(superseded))
                .flatMap(List::stream)
                .forEach(other -> elsewhere.putIfAbsent(PlannedRun.hashIn(other.name()), other));
        return elsewhere;
    }

    private List<RunFolder> notAskedFor() {
        return RunFolder.in(current).stream()
                .filter(other -> !ids.contains(other.name()))
                .toList();
    }

    /** Updates name and settings in a run's record if its place in the sweep has changed. */
    private void rename(PlannedRun run) {
        RunFolder place = folderOf(run);
        place.record()
                .filter(record -> !record.id().equals(run.id())
                        || !Json.line(record.settings()).equals(Json.line(run.settings())))
                .ifPresent(record -> place.write(record.renamed(run.id(), run.settings())));
    }
}
