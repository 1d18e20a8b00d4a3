package dpo.harness.sweep;

import dpo.harness.config.BackendModel;
import dpo.harness.run.LeasedProgress;
import dpo.harness.store.EvaluationLine;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Computes the cells of a start of a sweep: all at once, or up to one rung of successive halving after the other. If
 * processes on several machines share the work, each takes the next cell that no other has, and waits for those of the
 * others at the end of a stage.
 */
final class Stages {

    private final Function<PlannedRun, RunFolder> folders;
    private final Ledger ledger;
    private final RunExecution execution;
    private final int atOnce;
    private final Progress progress;
    private final Consumer<String> print;
    private final Set<String> missing = new LinkedHashSet<>();
    private final Map<String, RunRecord> failedBefore = new HashMap<>();
    private final Set<String> completed = new ConcurrentSkipListSet<>();
    private final Set<String> failed = new ConcurrentSkipListSet<>();
    private final AtomicBoolean interrupted = new AtomicBoolean();

    /** The step of the last evaluation of the intact runs that wait for their continuation. */
    private final Map<String, Integer> reached = new ConcurrentHashMap<>();

    Stages(
            Function<PlannedRun, RunFolder> folders,
            Ledger ledger,
            RunExecution execution,
            int atOnce,
            Progress progress,
            Consumer<String> print) {
        this.folders = folders;
        this.ledger = ledger;
        this.execution = execution;
        this.atOnce = atOnce;
        this.progress = progress;
        this.print = print;
    }

    /** Finds the cells without a result, by their ids: equal cells share a folder, which only one thread may write. */
    void begin(List<PlannedRun> runs) {
        for (PlannedRun run : runs) {
            RunFolder folder = folders.apply(run);
            if (RunExecution.isComplete(folder, run, true)) {
                // They remain if an earlier start was killed after writing the result.
                folder.checkpoints().discardResume();
            } else {
                missing.add(run.id());
                noteWaiting(run);
                folder.record().filter(Stages::isFailed).ifPresent(record -> failedBefore.put(run.id(), record));
            }
        }
    }

    /** Notes how far an intact run has come that waits for its continuation. */
    private void noteWaiting(PlannedRun run) {
        RunFolder folder = folders.apply(run);
        folder.record()
                .filter(record -> record.status() == Status.INTERRUPTED
                        && record.identity().equals(run.identity().toMap())
                        && folder.damage(record, false).isEmpty())
                .flatMap(record ->
                        folder.evaluations().stream().map(EvaluationLine::step).max(Comparator.naturalOrder()))
                .ifPresent(step -> reached.put(run.id(), step));
    }

    /** Number of different cells that had no result at the beginning. */
    int missing() {
        return missing.size();
    }

    /** The cells that were completed since the beginning. */
    Set<String> completed() {
        return completed;
    }

    /** Number of different cells that other processes have completed since the beginning. */
    int completedElsewhere(List<PlannedRun> runs) {
        return (int) runs.stream()
                .filter(run -> missing.contains(run.id()) && !completed.contains(run.id()))
                .filter(run -> RunExecution.isComplete(folders.apply(run), run, false))
                .map(PlannedRun::id)
                .distinct()
                .count();
    }

    /** The cells that failed since the beginning. */
    Set<String> failed() {
        return failed;
    }

    /**
     * A cell to compute.
     *
     * @param processSettings the settings of the process, which parallel cells must share
     */
    private record Task(BackendModel.ProcessSettings processSettings, Supplier<Status> work) {}

    /**
     * Computes cells.
     *
     * @param rung step after whose evaluation a cell pauses; empty to compute it to the end
     * @return whether all of them got there or failed, rather than were interrupted
     */
    boolean compute(List<PlannedRun> cells, OptionalInt rung) {
        AtomicInteger done = new AtomicInteger();
        Map<String, Task> tasks = tasks(cells, rung, done);
        progress.begin("cells", tasks.size());
        try {
            while (!tasks.isEmpty()) {
                for (List<Supplier<Status>> together : together(tasks.values())) {
                    Workers.run(atOnce, together, execution::stop);
                }
                tasks = execution.leases().isPresent() && !isInterrupted() ? ofOthers(cells, rung, done) : Map.of();
            }
            return !interrupted.get();
        } finally {
            progress.end();
        }
    }

    /** What is left after a while: the cells that other processes compute, or have left. */
    private Map<String, Task> ofOthers(List<PlannedRun> cells, OptionalInt rung, AtomicInteger done) {
        Map<String, Task> tasks = tasks(cells, rung, done);
        if (!tasks.isEmpty()) {
            execution.leases().orElseThrow().await();
        }
        return tasks;
    }

    private Map<String, Task> tasks(List<PlannedRun> cells, OptionalInt rung, AtomicInteger done) {
        Map<String, Task> tasks = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            PlannedRun run = cells.get(i);
            if (isOpen(run) && !hasReached(run, rung)) {
                String cell = "[" + (i + 1) + "/" + cells.size() + "] " + run.id();
                tasks.putIfAbsent(run.id(), new Task(execution.processSettings(run), () -> {
                    Status end = compute(run, cell, rung);
                    boolean isElsewhere = end == Status.RUNNING;
                    if (!isElsewhere && !interrupted.get()) {
                        progress.at(done.incrementAndGet(), "");
                    }
                    return end;
                }));
            }
        }
        return tasks;
    }

    private boolean isOpen(PlannedRun run) {
        boolean isOpen = missing.contains(run.id()) && !completed.contains(run.id()) && !failed.contains(run.id());
        if (isOpen && execution.leases().isPresent()) {
            Optional<RunRecord> record = folders.apply(run).record();
            if (record.filter(Stages::isFailed)
                    .filter(failure -> !failure.equals(failedBefore.get(run.id())))
                    .isPresent()) {
                failed.add(run.id());
                return false;
            }
            noteWaiting(run);
            return !RunExecution.isComplete(folders.apply(run), run, false);
        }
        return isOpen;
    }

    private static boolean isFailed(RunRecord record) {
        return record.status() == Status.FAILED;
    }

    /** Groups of tasks that can run in parallel; a single group if one cell runs at a time. */
    private Collection<List<Supplier<Status>>> together(Collection<Task> tasks) {
        if (atOnce == 1) {
            return List.of(tasks.stream().map(Task::work).toList());
        }
        return tasks.stream()
                .collect(Collectors.groupingBy(
                        Task::processSettings, LinkedHashMap::new, Collectors.mapping(Task::work, Collectors.toList())))
                .values();
    }

    private boolean isInterrupted() {
        interrupted.compareAndSet(false, execution.isStopRequested());
        return interrupted.get();
    }

    private Status compute(PlannedRun run, String cell, OptionalInt rung) {
        if (isInterrupted()) {
            return Status.INTERRUPTED;
        }
        return execution.leases().isPresent()
                ? computeIfFree(execution.leases().get(), run, cell, rung)
                : computeAlone(run, cell, rung);
    }

    private Status computeAlone(PlannedRun run, String cell, OptionalInt rung) {
        // In addition to the lock of the sweep, because dpo train may write to the folder of a cell.
        try (FolderLock held = FolderLock.of(folders.apply(run).path())) {
            return compute(run, cell, rung, Lease.ALONE);
        }
    }

    /** Computes a cell unless another process has it, or has completed it. */
    private Status computeIfFree(Leases leases, PlannedRun run, String cell, OptionalInt rung) {
        Optional<FolderLock> held = FolderLock.ifFree(folders.apply(run).path());
        if (held.isEmpty()) {
            return Status.RUNNING;
        }
        try (FolderLock lock = held.get()) {
            Optional<Lease> claimed = leases.claim(run.id());
            if (claimed.isEmpty()) {
                return Status.RUNNING;
            }
            try (Lease lease = claimed.get()) {
                boolean isOpen = isOpen(run) && !hasReached(run, rung);
                return isOpen ? compute(run, cell, rung, lease) : Status.COMPLETED;
            }
        } catch (Lease.Lost lost) {
            print.accept(cell + " goes on elsewhere: " + lost.getMessage());
            return Status.RUNNING;
        }
    }

    private Status compute(PlannedRun run, String cell, OptionalInt rung, Lease lease) {
        RunFolder folder = folders.apply(run);
        print.accept(cell);
        ledger.append(run.id(), Status.RUNNING);
        RunRecord record = execution.execute(run, folder, new LeasedProgress(progress.part(run.name()), lease), rung);
        ledger.append(run.id(), record.status());
        switch (record.status()) {
            case COMPLETED -> completed.add(run.id());
            case FAILED -> {
                failed.add(run.id());
                print.accept(cell + " failed: " + folder.describeFailure(record));
            }
            default -> {
                noteWaiting(run);
                interrupted.compareAndSet(false, !hasReached(run, rung));
            }
        }
        return record.status();
    }

    /** Whether a run waits at a rung, or at a later one. */
    private boolean hasReached(PlannedRun run, OptionalInt rung) {
        return rung.isPresent() && reached.getOrDefault(run.id(), -1) >= rung.getAsInt();
    }
}
