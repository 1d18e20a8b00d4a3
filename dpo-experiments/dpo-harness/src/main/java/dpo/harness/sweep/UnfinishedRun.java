package dpo.harness.sweep;

import dpo.harness.run.RecordedTraining;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.harness.store.RunRecord.Status;
import dpo.train.Progress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state of a run that has no result yet. */
final class UnfinishedRun {

    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedRun.class);

    private UnfinishedRun() {}

    /**
     * The record of this run if it can resume; empty for a new start. Damaged files, and those of another run, are
     * moved aside.
     */
    static Optional<RunRecord> of(PlannedRun run, RunFolder folder, Progress progress) {
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
}
