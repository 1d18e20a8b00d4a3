package dpo.harness.run;

import dpo.core.backend.Policy;
import dpo.core.backend.Restorable;
import dpo.harness.config.TrainingConfig;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.train.TrainingPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The states from which an interrupted run resumes, bit for bit: models, optimizers, position, and the lengths of the
 * record files. The last two states are kept, each with the checksums of all its files.
 *
 * <p>Without an explicit interval, a checkpoint is written when the time since the last one is twenty times the time to
 * write one. So a kill costs a small model little progress, and checkpoints cost a large model little time. The
 * interval changes no result.
 */
final class Checkpoints {

    /** Least time between two checkpoints, in multiples of the time to write one. */
    private static final int COSTS_BETWEEN = 20;

    private final RunFolder folder;
    private final Policy policy;
    private final Map<String, Restorable> state;
    private final Optional<Integer> every;
    private final boolean keepsBest;
    private final Map<String, String> identity;
    private long lastWritten = System.nanoTime();
    private long cost;

    /**
     * @param policy the trained model
     * @param state all models and optimizers that training changes, by the name of their folder
     * @param training interval of the checkpoints, and whether the model of the best evaluation is kept
     */
    Checkpoints(RunFolder folder, Policy policy, Map<String, Restorable> state, TrainingConfig training) {
        this.folder = folder;
        this.policy = policy;
        this.state = state;
        this.every = training.checkpointEvery();
        this.keepsBest = training.best().isPresent();
        this.identity = folder.record().map(RunRecord::identity).orElse(Map.of());
    }

    /**
     * Loads the newest intact checkpoint of this run. Damaged ones are moved aside. If none is intact, all other
     * computed files are moved aside too, and the run restarts.
     *
     * @param print receives one line of text per checkpoint that cannot be used
     */
    CheckpointState restore(Consumer<String> print) {
        List<Path> damaged = new ArrayList<>();
        for (Path checkpoint : folder.checkpoints().resumable()) {
            Optional<String> damage =
                    CheckpointState.damage(checkpoint, folder, identity).or(this::lostBest);
            if (damage.isEmpty()) {
                if (!damaged.isEmpty()) {
                    print.accept("resuming from the previous checkpoint; the damaged one is now in "
                            + folder.setAside(damaged));
                }
                return load(checkpoint);
            }
            print.accept("warning: checkpoint cannot be used: " + damage.get() + " (" + checkpoint + ")");
            damaged.add(checkpoint);
        }
        if (!damaged.isEmpty()) {
            print.accept("restarting at step 1; the previous files are now in " + folder.setAside(folder.computed()));
        }
        return CheckpointState.START;
    }

    /**
     * Loads the checkpoint that rank 0 has restored; nothing at step 0.
     *
     * @param step of the checkpoint
     */
    void follow(int step) {
        if (step > 0) {
            load(folder.checkpoints().resumable().stream()
                    .filter(checkpoint -> CheckpointState.read(checkpoint).step() == step)
                    .findFirst()
                    .orElseThrow(() -> OutputException.reading(
                            folder.checkpoints().path(), new IOException("no checkpoint of step " + step))));
        }
    }

    /** Only the evaluation that was the best could write its model again. */
    private Optional<String> lostBest() {
        return keepsBest
                        && !Files.isDirectory(folder.checkpoints().best())
                        && !folder.evaluations().isEmpty()
                ? Optional.of("model of the best evaluation must exist, got none")
                : Optional.empty();
    }

    /** Whether a run of an identity can resume in a folder. */
    static boolean canResume(RunFolder folder, Map<String, String> identity) {
        return folder.checkpoints().resumable().stream()
                .anyMatch(checkpoint ->
                        CheckpointState.damage(checkpoint, folder, identity).isEmpty());
    }

    private CheckpointState load(Path checkpoint) {
        state.forEach((name, part) -> part.restore(checkpoint.resolve(name)));
        return CheckpointState.read(checkpoint);
    }

    /** Writes a checkpoint if one is due; see {@link #write}. */
    void afterStep(TrainingPosition position, RunLog log) {
        boolean due = every.map(interval -> position.step() % interval == 0)
                .orElseGet(() -> System.nanoTime() - lastWritten >= COSTS_BETWEEN * cost);
        if (due) {
            write(position, log);
        }
    }

    /** Writes a checkpoint, after the records of the steps before it have been forced to disk. */
    void write(TrainingPosition position, RunLog log) {
        long begin = System.nanoTime();
        log.force();
        DurableFiles.createFolderWithin(folder.checkpoints().path());
        DurableFiles.writeFolder(folder.checkpoints().resume(), content -> {
            state.forEach((name, part) -> part.save(DurableFiles.createFolderWithin(content.resolve(name))));
            CheckpointState.write(content, position, identity, log.committed());
        });
        lastWritten = System.nanoTime();
        cost = lastWritten - begin;
    }

    /** Writes the policy as a model, in place of an earlier one. */
    void writeModel(Path place) {
        DurableFiles.createFolderWithin(folder.checkpoints().path());
        DurableFiles.writeFolder(place, policy::save);
        DurableFiles.delete(DurableFiles.previous(place));
    }
}
