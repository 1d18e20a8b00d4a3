package dpo.harness.sweep;

import dpo.harness.config.BackendModel;
import dpo.harness.store.FolderLock;
import dpo.harness.store.Lease;
import dpo.harness.store.Leases;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Computes the cells of a start of a sweep: all at once, or up to one rung of successive halving after the other. If
 * processes on several machines share the work, each takes the first cell that no other has, again and again, and waits
 * for those of the others at the end of a stage.
 */
final class Stages {

    private final Function<PlannedRun, RunFolder> folders;
    private final KnownCells known;
    private final Ledger ledger;
    private final RunExecution execution;
    private final Runnable requireSameRuns;
    private final int atOnce;
    private final Progress progress;
    private final Consumer<String> print;
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final AtomicBoolean isFirst = new AtomicBoolean(true);

    /**
     * @param known the cells, noted here as they end
     * @param requireSameRuns called once, after the first cell of a worker: workers with another program that started at
     *     the same time have cells in the folder then
     */
    Stages(
            Function<PlannedRun, RunFolder> folders,
            KnownCells known,
            Ledger ledger,
            RunExecution execution,
            Runnable requireSameRuns,
            int atOnce,
            Progress progress,
            Consumer<String> print) {
        this.folders = folders;
        this.known = known;
        this.ledger = ledger;
        this.execution = execution;
        this.requireSameRuns = requireSameRuns;
        this.atOnce = atOnce;
        this.progress = progress;
        this.print = print;
    }

    /**
     * A cell to compute.
     *
     * @param label its place and id, for messages
     * @param rung step after whose evaluation it pauses; empty to compute it to the end
     */
    private record Task(PlannedRun run, String label, OptionalInt rung) {}

    /**
     * Computes cells until all of them are done, or a stop is requested.
     *
     * @param rung step after whose evaluation a cell pauses; empty to compute it to the end
     */
    void compute(List<PlannedRun> cells, OptionalInt rung) {
        Collection<Task> tasks = tasks(cells, rung);
        AtomicInteger done = new AtomicInteger();
        progress.begin("cells", tasks.size());
        try {
            if (execution.leases().isPresent()) {
                share(execution.leases().get(), together(tasks), done);
            } else {
                for (Collection<Task> together : together(tasks)) {
                    Workers.run(atOnce, alone(together, done), execution::stop);
                }
            }
        } finally {
            progress.end();
        }
    }

    private Collection<Task> tasks(List<PlannedRun> cells, OptionalInt rung) {
        Map<String, Task> tasks = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            PlannedRun run = cells.get(i);
            if (!known.isDone(run, rung)) {
                tasks.putIfAbsent(run.id(), new Task(run, "[" + (i + 1) + "/" + cells.size() + "] " + run.id(), rung));
            }
        }
        return tasks.values();
    }

    /**
     * Groups of tasks that can run in parallel, because they have the same settings of the process; a single group if one
     * cell runs at a time.
     */
    private Collection<Collection<Task>> together(Collection<Task> tasks) {
        if (atOnce == 1) {
            return List.of(new ConcurrentLinkedQueue<>(tasks));
        }
        Map<BackendModel.ProcessSettings, Collection<Task>> groups = tasks.stream()
                .collect(Collectors.groupingBy(
                        task -> execution.processSettings(task.run()),
                        LinkedHashMap::new,
                        Collectors.toCollection(ConcurrentLinkedQueue::new)));
        return groups.values();
    }

    private Status counted(Status end, AtomicInteger done) {
        if (!interrupted.get()) {
            progress.at(done.incrementAndGet(), "");
        }
        return end;
    }

    private List<Supplier<Status>> alone(Collection<Task> tasks, AtomicInteger done) {
        return tasks.stream()
                .map(task -> (Supplier<Status>) () -> counted(computeAlone(task), done))
                .toList();
    }

    /** Computes the cells that other processes leave, until all are done. */
    private void share(Leases leases, Collection<Collection<Task>> groups, AtomicInteger done) {
        while (!isInterrupted() && groups.stream().anyMatch(group -> !group.isEmpty())) {
            for (Collection<Task> group : groups) {
                AtomicInteger busy = new AtomicInteger(atOnce);
                Workers.run(
                        atOnce, Collections.nCopies(atOnce, () -> takeAll(leases, group, done, busy)), execution::stop);
            }
            if (groups.stream().anyMatch(group -> !group.isEmpty())) {
                leases.await();
            }
        }
    }

    /**
     * Takes cells of a group, one after the other, until no thread of this process finds one.
     *
     * @param busy number of threads that found one at their last look
     */
    private boolean takeAll(Leases leases, Collection<Task> group, AtomicInteger done, AtomicInteger busy) {
        boolean isBusy = true;
        while (!isInterrupted() && (isBusy || busy.get() > 0)) {
            boolean isTaken = takeFirstFree(leases, group, done);
            if (isTaken != isBusy) {
                isBusy = isTaken;
                busy.addAndGet(isBusy ? 1 : -1);
            }
            if (!isBusy && busy.get() > 0) {
                leases.await();
            }
        }
        return isBusy;
    }

    /** Computes the first cell that no other process has; false if there is none. Removes cells that are done. */
    private boolean takeFirstFree(Leases leases, Collection<Task> open, AtomicInteger done) {
        for (Iterator<Task> each = open.iterator(); each.hasNext(); ) {
            Task task = each.next();
            Optional<Status> end = isOpen(task) ? computeIfFree(leases, task) : Optional.empty();
            if (known.isDone(task.run(), task.rung())) {
                each.remove();
            }
            if (end.isPresent()) {
                if (isFirst.getAndSet(false)) {
                    requireSameRuns.run();
                }
                counted(end.get(), done);
                return true;
            }
        }
        return false;
    }

    /** Whether a cell is to be computed, as far as its folder tells. */
    private boolean isOpen(Task task) {
        return known.isLeft(task.run(), task.rung());
    }

    /** Whether a stop was requested before the cells were done. */
    boolean isInterrupted() {
        interrupted.compareAndSet(false, execution.isStopRequested());
        return interrupted.get();
    }

    private Status computeAlone(Task task) {
        if (isInterrupted()) {
            return Status.INTERRUPTED;
        }
        // In addition to the lock of the sweep, because dpo train may write to the folder of a cell.
        try (FolderLock held = FolderLock.of(folders.apply(task.run()).path())) {
            return compute(task, Lease.ALONE);
        }
    }

    /** Computes a cell; empty if another process has it, has completed it, or takes over. */
    private Optional<Status> computeIfFree(Leases leases, Task task) {
        // A part only: an owner that stands still keeps its lock, and must not keep its cell.
        Optional<FolderLock> held =
                FolderLock.sharedIfFree(folders.apply(task.run()).path());
        if (held.isEmpty()) {
            return Optional.empty();
        }
        try (FolderLock lock = held.get()) {
            return leases.claim(task.run().id()).flatMap(claimed -> computeLeased(claimed, task));
        }
    }

    private Optional<Status> computeLeased(Lease claimed, Task task) {
        try (Lease lease = claimed) {
            // It may have been completed just before the claim.
            return isOpen(task) ? Optional.of(computeOrLose(task, lease)) : Optional.empty();
        } catch (Lease.Lost lost) {
            print.accept(task.label() + " goes on elsewhere: " + lost.getMessage());
            return Optional.empty();
        }
    }

    private Status computeOrLose(Task task, Lease lease) {
        try {
            return compute(task, lease);
        } catch (OutputException changed) {
            // A successor writes to the same files.
            lease.require();
            throw changed;
        }
    }

    private Status compute(Task task, Lease lease) {
        PlannedRun run = task.run();
        RunFolder folder = folders.apply(run);
        print.accept(task.label());
        ledger.append(run.id(), Status.RUNNING);
        RunRecord record = execution.execute(run, folder, progress.part(run.name()), task.rung(), lease);
        ledger.append(run.id(), record.status());
        known.note(run, record.status());
        if (record.status() == Status.FAILED) {
            print.accept(task.label() + " failed: " + folder.describeFailure(record));
        } else if (!known.isDone(run, task.rung())) {
            interrupted.set(true);
        }
        return record.status();
    }
}
