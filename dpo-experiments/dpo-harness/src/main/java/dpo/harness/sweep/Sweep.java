package dpo.harness.sweep;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Json;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord.Status;
import dpo.harness.store.RunRecord;
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
 * The cells of a configuration file as a folder of runs.
 *
 * <pre>
 *  config.yaml    the configuration file of the last start
 *  ledger.jsonl   starts and ends of runs
 *  runs/ID/       a folder a cell
 *  reference/     reference log-probabilities shared by the cells
 *  superseded/    runs that the configuration does not ask for any more
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

    /** The cells that have no result yet, in order; {@link #run} alone reads every byte of the trained models. */
    public List<PlannedRun> withoutResult() {
        Map<String, RunFolder> elsewhere = elsewhere();
        return runs.stream()
                .filter(run -> !RunExecution.isComplete(found(run, elsewhere), run, false))
                .toList();
    }

    /**
     * What became of the cells.
     *
     * @param computed cells that were completed in this start
     * @param alreadyThere cells whose result was there before, or is that of an equal cell
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
     * Computes the cells that have no result yet, begun in order; where several are computed at once, those after the
     * others that a backend cannot compute at the same time. How many at once has no influence on any result.
     *
     * @param atOnce cells computed at the same time, each on one thread
     * @param configText the configuration file, kept in the folder
     * @param progress where to tell how many cells are done, with a part for each under way
     * @param tell takes a line of text about each cell, from the thread that computes it
     * @throws OutputException where the folder cannot be written, after the cells under way have stopped at a step
     *     boundary
     */
    public Outcome run(
            RunExecution execution, int atOnce, String configText, Progress progress, Consumer<String> tell) {
        DurableFiles.createFolder(current);
        DurableFiles.write(folder.resolve("config.yaml"), configText);
        arrange(tell);
        Set<String> completed = new ConcurrentSkipListSet<>();
        Map<String, Task> missing = missing(execution, progress, tell, completed);
        progress.begin("cells", missing.size());
        try {
            List<Status> ends = new ArrayList<>();
            for (List<Supplier<Status>> together : together(missing.values(), atOnce)) {
                ends.addAll(Workers.run(atOnce, together, execution::stop));
            }
            return Outcome.of(ends, runs.size() - missing.size(), lost(completed, tell));
        } finally {
            progress.end();
        }
    }

    /** Reports and counts the cells that were completed in this start and whose files are damaged or missing now. */
    private int lost(Set<String> completed, Consumer<String> tell) {
        int lost = 0;
        for (String id : completed) {
            Optional<String> damage = new RunFolder(current.resolve(id)).damage(false);
            damage.ifPresent(what -> tell.accept(id + " failed: " + what + "; the same command computes it again"));
            lost += damage.isPresent() ? 1 : 0;
        }
        return lost;
    }

    /**
     * A cell that is to be computed.
     *
     * @param processSettings what it must have in common with those that are computed at the same time
     */
    private record Task(Object processSettings, Supplier<Status> work) {}

    /** All tasks, or, where several are done at once, one after the other those that can be. */
    private static Collection<List<Supplier<Status>>> together(Collection<Task> tasks, int atOnce) {
        return tasks.stream()
                .collect(Collectors.groupingBy(
                        task -> atOnce == 1 ? "in the order of the file" : task.processSettings(),
                        LinkedHashMap::new,
                        Collectors.mapping(Task::work, Collectors.toList())))
                .values();
    }

    /** What is to be computed, by identity: cells that are equal share a folder, which one thread alone may write. */
    private Map<String, Task> missing(
            RunExecution execution, Progress progress, Consumer<String> tell, Set<String> completed) {
        Map<String, Task> missing = new LinkedHashMap<>();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < runs.size(); i++) {
            PlannedRun run = runs.get(i);
            if (RunExecution.isComplete(folderOf(run), run, true)) {
                // Still there where an earlier start was killed between the result and this.
                folderOf(run).discardResumeCheckpoints();
                continue;
            }
            String cell = "[" + (i + 1) + "/" + runs.size() + "] " + run.id();
            missing.putIfAbsent(run.id(), new Task(execution.processSettings(run), () -> {
                Status end = compute(run, cell, execution, progress.part(run.name()), tell);
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
            PlannedRun run, String cell, RunExecution execution, Progress progress, Consumer<String> tell) {
        if (execution.isStopRequested()) {
            return Status.INTERRUPTED;
        }
        tell.accept(cell);
        // Beside the lock of the sweep: dpo train may write to the folder of a cell.
        try (FolderLock held = FolderLock.of(folderOf(run).path())) {
            ledger.append(run.id(), Status.RUNNING);
            RunRecord record = execution.execute(run, folderOf(run), progress);
            ledger.append(run.id(), record.status());
            if (record.status() == Status.FAILED) {
                tell.accept(cell + " failed: " + record.error().orElse(""));
            }
            return record.status();
        }
    }

    private RunFolder folderOf(PlannedRun run) {
        return new RunFolder(current.resolve(run.id()));
    }

    /**
     * Makes {@code runs/} hold what is asked for and nothing else, so that no table counts a run twice or shows one that
     * the configuration does not name. A run that is asked for under another name, since the sweep has other keys now,
     * gets that name; what was moved away comes back when it is asked for again.
     */
    private void arrange(Consumer<String> tell) {
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
            tell.accept("superseded: " + other.name() + " " + difference);
        }
    }

    /** Why a run is not asked for: what differs from the run of its settings, or that there is none. */
    private String difference(RunFolder other) {
        Optional<RunRecord> record = other.record();
        return runs.stream()
                .filter(run -> record.isPresent()
                        && Json.line(record.get().settings()).equals(Json.line(run.settings())))
                .findFirst()
                .map(run -> "was computed with other " + run.identity().differences(record.get().identity()))
                .orElse("is not in this configuration");
    }

    /** Where a run is, as far as it has been computed; its own place where it is nowhere. */
    private RunFolder found(PlannedRun run, Map<String, RunFolder> elsewhere) {
        RunFolder place = folderOf(run);
        return Files.exists(place.path()) ? place : elsewhere.getOrDefault(run.identity().shortHash(), place);
    }

    /** Runs under names that are not asked for, and those that were moved away, by the hash that their names end with. */
    private Map<String, RunFolder> elsewhere() {
        Map<String, RunFolder> elsewhere = new HashMap<>();
        Stream.of(notAskedFor(), RunFolder.in(superseded))
                .flatMap(List::stream)
                .forEach(other -> elsewhere.putIfAbsent(PlannedRun.hashIn(other.name()), other));
        return elsewhere;
    }

    private List<RunFolder> notAskedFor() {
        return RunFolder.in(current).stream().filter(other -> !ids.contains(other.name())).toList();
    }

    /** Corrects what a run's record says of its place in the sweep, where that is another now. */
    private void rename(PlannedRun run) {
        RunFolder place = folderOf(run);
        place.record()
                .filter(record -> !record.id().equals(run.id())
                        || !Json.line(record.settings()).equals(Json.line(run.settings())))
                .ifPresent(record -> place.write(record.renamed(run.id(), run.settings())));
    }
}
