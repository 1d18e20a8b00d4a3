package dpo.harness.sweep;

import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * What a start of a sweep knows of its cells, by their ids: equal cells share a folder. What was noted once is not read
 * again, since thousands of cells may be asked for at each step of the work. Thread-safe after {@link #begin}.
 */
final class KnownCells {

    private final Function<PlannedRun, RunFolder> folders;
    private final Set<String> missing = new LinkedHashSet<>();
    private final Map<String, RunRecord> failedBefore = new HashMap<>();
    private final Set<String> completed = new ConcurrentSkipListSet<>();
    private final Set<String> completedElsewhere = new ConcurrentSkipListSet<>();
    private final Set<String> failed = new ConcurrentSkipListSet<>();

    /** The step of the last evaluation of the runs that have paused there. */
    private final Map<String, Integer> reached = new ConcurrentHashMap<>();

    KnownCells(Function<PlannedRun, RunFolder> folders) {
        this.folders = folders;
    }

    /**
     * Finds the cells without a result.
     *
     * @param mine cells that this process computes; others that failed before are not tried again
     * @param isComplete whether a folder holds the intact result of a run
     */
    void begin(List<PlannedRun> runs, Set<String> mine, BiPredicate<RunFolder, PlannedRun> isComplete) {
        for (PlannedRun run : runs) {
            RunFolder folder = folders.apply(run);
            if (isComplete.test(folder, run)) {
                // They remain if an earlier start was killed after writing the result.
                folder.checkpoints().discardResume();
            } else {
                missing.add(run.id());
                noteWaiting(run);
                folder.record()
                        .filter(record -> record.status() == Status.FAILED)
                        .ifPresent(record -> {
                            if (mine.contains(run.id())) {
                                failedBefore.put(run.id(), record);
                            } else {
                                failed.add(run.id());
                            }
                        });
            }
        }
    }

    /** Number of different cells that had no result at the beginning. */
    int missing() {
        return missing.size();
    }

    /** The cells that this process has completed since the beginning. */
    Set<String> completed() {
        return completed;
    }

    /** The cells that other processes have completed since the beginning. */
    Set<String> completedElsewhere() {
        return completedElsewhere;
    }

    /** The cells that failed since the beginning. */
    Set<String> failed() {
        return failed;
    }

    /** Whether nothing is left to do for a cell up to a rung, as far as is noted. */
    boolean isDone(PlannedRun run, OptionalInt rung) {
        String id = run.id();
        return !missing.contains(id)
                || completed.contains(id)
                || completedElsewhere.contains(id)
                || failed.contains(id)
                || hasReached(run, rung);
    }

    /** Whether something is left to do for a cell up to a rung, after a look at what other processes have made of it. */
    boolean isLeft(PlannedRun run, OptionalInt rung) {
        if (!isDone(run, rung)) {
            noteOthers(run, rung);
        }
        return !isDone(run, rung);
    }

    /** Whether a run waits at a rung, or at a later one. */
    private boolean hasReached(PlannedRun run, OptionalInt rung) {
        return rung.isPresent() && reached.getOrDefault(run.id(), -1) >= rung.getAsInt();
    }

    /** Notes how a run of this process has ended. */
    void note(PlannedRun run, Status end) {
        switch (end) {
            case COMPLETED -> completed.add(run.id());
            case FAILED -> failed.add(run.id());
            default -> noteWaiting(run);
        }
    }

    /** Notes how far an intact run has come that waits for its continuation. */
    private void noteWaiting(PlannedRun run) {
        RunFolder folder = folders.apply(run);
        folder.record()
                .filter(record -> record.status() == Status.INTERRUPTED
                        && record.identity().equals(run.identity().toMap())
                        && folder.damage(record, false).isEmpty())
                .flatMap(record -> folder.lastEvaluation())
                .ifPresent(step -> reached.put(run.id(), step));
    }

    /** Notes what other processes have made of a cell. */
    private void noteOthers(PlannedRun run, OptionalInt rung) {
        RunFolder folder = folders.apply(run);
        Optional<RunRecord> record = folder.record();
        switch (record.map(RunRecord::status).orElse(Status.RUNNING)) {
            case FAILED ->
                record.filter(failure -> !failure.equals(failedBefore.get(run.id())))
                        .ifPresent(failure -> failed.add(run.id()));
            case COMPLETED -> {
                if (RunExecution.isComplete(folder, run, false)) {
                    completedElsewhere.add(run.id());
                }
            }
            case INTERRUPTED -> noteWaiting(run);
            case RUNNING ->
                rung.ifPresent(step -> folder.lastEvaluation()
                        // Beyond the rung: another process has made its decision and goes on.
                        .filter(evaluated -> evaluated > step)
                        .ifPresent(evaluated -> reached.put(run.id(), evaluated)));
        }
    }
}
