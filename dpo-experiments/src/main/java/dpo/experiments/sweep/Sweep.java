package dpo.experiments.sweep;

import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.Json;
import dpo.experiments.store.OutputException;
import dpo.experiments.store.RunFolder;
import dpo.experiments.store.RunRecord.Status;
import dpo.experiments.store.RunRecord;
import dpo.experiments.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final Ledger ledger;

    public Sweep(Path folder, List<PlannedRun> runs) {
        this.folder = folder;
        this.runs = List.copyOf(runs);
        this.ledger = new Ledger(folder);
    }

    /** The cells that have no result yet, in order. */
    public List<PlannedRun> withoutResult() {
        return runs.stream()
                .filter(run -> found(run).filter(there -> RunExecution.isComplete(there, run)).isEmpty())
                .toList();
    }

    /**
     * What became of the cells.
     *
     * @param computed cells that were computed in this start
     * @param alreadyThere cells whose result was there before, or is that of an equal cell
     * @param failed cells that failed
     * @param interrupted whether a stop was requested before the end
     */
    public record Outcome(int computed, int alreadyThere, int failed, boolean interrupted) {

        private static Outcome of(List<Status> ends, int alreadyThere) {
            int failed = Collections.frequency(ends, Status.FAILED);
            int interrupted = Collections.frequency(ends, Status.INTERRUPTED);
            return new Outcome(ends.size() - interrupted, alreadyThere, failed, interrupted > 0);
        }
    }

    /**
     * Computes the cells that have no result yet, begun in order; where several are computed at once, those after the
     * others that an engine cannot compute at the same time. How many at once has no influence on any result.
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
        DurableFiles.createFolder(folder.resolve("runs"));
        DurableFiles.write(folder.resolve("config.yaml"), configText);
        arrange(tell);
        Map<String, Task> missing = missing(execution, progress, tell);
        progress.begin("cells", missing.size());
        try {
            List<Status> ends = new ArrayList<>();
            for (List<Supplier<Status>> together : together(missing.values(), atOnce)) {
                ends.addAll(Workers.run(atOnce, together, execution::stop));
            }
            return Outcome.of(ends, runs.size() - missing.size());
        } finally {
            progress.end();
        }
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
    private Map<String, Task> missing(RunExecution execution, Progress progress, Consumer<String> tell) {
        Map<String, Task> missing = new LinkedHashMap<>();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < runs.size(); i++) {
            PlannedRun run = runs.get(i);
            if (RunExecution.isComplete(folderOf(run), run)) {
                // Still there where an earlier start was killed between the result and this.
                folderOf(run).discardResumeCheckpoint();
                continue;
            }
            String cell = "[" + (i + 1) + "/" + runs.size() + "] " + run.id();
            missing.putIfAbsent(run.id(), new Task(execution.processSettings(run), () -> {
                Status end = compute(run, cell, execution, progress.part(run.name()), tell);
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
        ledger.append(run.id(), Status.RUNNING);
        RunRecord record = execution.execute(run, folderOf(run), progress);
        ledger.append(run.id(), record.status());
        if (record.status() == Status.FAILED) {
            tell.accept(cell + " failed: " + record.error().orElse(""));
        }
        return record.status();
    }

    private RunFolder folderOf(PlannedRun run) {
        return new RunFolder(folder.resolve("runs").resolve(run.id()));
    }

    /**
     * Makes {@code runs/} hold what is asked for and nothing else, so that no table counts a run twice or shows one that
     * the configuration does not name. A run that is asked for under another name, since the sweep has other keys now,
     * gets that name; what was moved away comes back when it is asked for again.
     */
    private void arrange(Consumer<String> tell) {
        Path current = folder.resolve("runs");
        Path superseded = folder.resolve("superseded");
        for (PlannedRun run : runs) {
            found(run)
                    .map(RunFolder::path)
                    .filter(there -> !there.equals(folderOf(run).path()))
                    .ifPresent(there -> move(there, folderOf(run).path()));
            rename(run);
        }
        for (String id : idsIn(current)) {
            if (!isAskedFor(id)) {
                DurableFiles.delete(superseded.resolve(id));
                move(current.resolve(id), superseded.resolve(id));
                tell.accept("superseded: " + id + " is not of this configuration, data, model and code");
            }
        }
    }

    /** Where a run is, as far as it has been computed: in its place, under another name, or moved out of the way. */
    private Optional<RunFolder> found(PlannedRun run) {
        if (Files.exists(folderOf(run).path())) {
            return Optional.of(folderOf(run));
        }
        Path current = folder.resolve("runs");
        Path superseded = folder.resolve("superseded");
        return Stream.concat(
                        idsIn(current).stream().filter(id -> !isAskedFor(id)).map(current::resolve),
                        idsIn(superseded).stream().map(superseded::resolve))
                .filter(there -> run.hasIdentityOf(there.getFileName().toString()))
                .findFirst()
                .map(RunFolder::new);
    }

    private boolean isAskedFor(String id) {
        return runs.stream().anyMatch(run -> run.id().equals(id));
    }

    /** Corrects what a run's record says of its place in the sweep, where that is another now. */
    private void rename(PlannedRun run) {
        RunFolder place = folderOf(run);
        place.record()
                .filter(record -> !record.id().equals(run.id())
                        || !Json.line(record.settings()).equals(Json.line(run.settings())))
                .ifPresent(record -> place.write(record.renamed(run.id(), run.settings())));
    }

    private static List<String> idsIn(Path parent) {
        if (!Files.exists(parent)) {
            return List.of();
        }
        try (var folders = Files.list(parent)) {
            return folders.filter(path -> Files.exists(path.resolve("run.json")))
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw OutputException.writing(parent, e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            DurableFiles.createFolder(to.getParent());
            Files.move(from, to);
        } catch (IOException e) {
            throw OutputException.writing(to, e);
        }
    }
}
