package dpo.experiments.sweep;

import dpo.experiments.store.DurableFiles;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The cells of a configuration file as a folder of runs.
 *
 * <pre>
 *  config.yaml    the configuration file of the last start
 *  ledger.jsonl   starts and ends of runs
 *  runs/ID/       a folder a cell
 *  reference/     reference log-probabilities shared by the cells
 *  superseded/    runs of the same settings whose data, model, code or other configuration has changed since
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
        return runs.stream().filter(run -> !RunExecution.isComplete(folderOf(run), run)).toList();
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
        supersede(tell);
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
     * Moves runs of the same settings but another content out of the way of the results, and back where they are wanted
     * again.
     */
    private void supersede(Consumer<String> tell) {
        Path current = folder.resolve("runs");
        Path superseded = folder.resolve("superseded");
        List<String> ids = runs.stream().map(PlannedRun::id).toList();
        List<String> labels = ids.stream().map(Sweep::withoutHash).toList();
        for (String id : namesIn(superseded)) {
            if (ids.contains(id) && !Files.exists(current.resolve(id))) {
                move(superseded.resolve(id), current.resolve(id));
            }
        }
        for (String id : namesIn(current)) {
            if (!ids.contains(id) && labels.contains(withoutHash(id))) {
                DurableFiles.delete(superseded.resolve(id));
                move(current.resolve(id), superseded.resolve(id));
                tell.accept("superseded: " + id + " was computed with other configuration, data, model or code");
            }
        }
    }

    private static String withoutHash(String id) {
        return id.substring(0, Math.max(0, id.lastIndexOf('-')));
    }

    private static List<String> namesIn(Path parent) {
        if (!Files.exists(parent)) {
            return List.of();
        }
        try (var folders = Files.list(parent)) {
            return folders.map(path -> path.getFileName().toString()).toList();
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
