package dpo.experiments.train;

import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.experiments.store.DurableFiles;
import dpo.experiments.store.Json;
import dpo.experiments.store.OutputException;
import dpo.experiments.store.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The state from which an interrupted run goes on, bit for bit: policy, optimizer, number of steps done, and whether the
 * evaluation that follows the last of them is still to come.
 *
 * <p>Without an explicit interval a checkpoint is written when the time since the last one is twenty times what writing
 * one takes, so that a small model loses next to nothing to a kill and a large one next to no time to safety. When they
 * are written has no influence on any result.
 */
final class Checkpoints {

    /** Least time between two checkpoints, in times of what one takes to write. */
    private static final int COSTS_BETWEEN = 20;

    private static final String STATE = "state.json";

    private final RunFolder folder;
    private final Policy policy;
    private final Optimizer optimizer;
    private final Optional<Policy> reference;
    private final Optional<Integer> every;
    private long lastWritten = System.nanoTime();
    private long cost;

    /**
     * @param reference the model of a reference that moves; empty where it is fixed
     * @param every steps between checkpoints; empty: as often as costs little
     */
    Checkpoints(
            RunFolder folder,
            Policy policy,
            Optimizer optimizer,
            Optional<Policy> reference,
            Optional<Integer> every) {
        this.folder = folder;
        this.policy = policy;
        this.optimizer = optimizer;
        this.reference = reference;
        this.every = every;
    }

    /**
     * How far a run is.
     *
     * @param step optimizer steps done
     * @param evaluated whether nothing is left to be done before the next step
     */
    record Position(int step, boolean evaluated) {

        /** Where a run begins. */
        static final Position START = new Position(0, true);

        /** The last step of which everything is recorded. */
        int lastEvaluated() {
            return evaluated ? step : step - 1;
        }
    }

    /** Takes over the state of the last checkpoint; gives where that was. */
    Position restore() {
        Path newest = folder.resumeCheckpoint();
        Path checkpoint = Files.exists(newest) ? newest : DurableFiles.previous(newest);
        if (!Files.exists(checkpoint)) {
            return Position.START;
        }
        try {
            Map<String, Object> state = Json.read(Files.readString(checkpoint.resolve(STATE)));
            policy.restore(checkpoint.resolve("policy"));
            optimizer.restore(checkpoint.resolve("optimizer"));
            reference.ifPresent(model -> model.restore(checkpoint.resolve("reference")));
            return new Position(((Number) state.get("step")).intValue(), (Boolean) state.get("evaluated"));
        } catch (IOException e) {
            throw new OutputException("checkpoint must be readable, got: " + e.getMessage() + " (" + checkpoint + ")");
        }
    }

    /** Writes a checkpoint where one is due; see {@link #write}. */
    void afterStep(Position position, RunLog log) {
        boolean due = every.map(interval -> position.step() % interval == 0)
                .orElseGet(() -> System.nanoTime() - lastWritten >= COSTS_BETWEEN * cost);
        if (due) {
            write(position, log);
        }
    }

    /** Writes a checkpoint, after what was recorded of the steps that it knows of is safe on the disk. */
    void write(Position position, RunLog log) {
        long begin = System.nanoTime();
        log.force();
        DurableFiles.createFolder(folder.resumeCheckpoint().getParent());
        DurableFiles.writeFolder(folder.resumeCheckpoint(), content -> {
            policy.save(DurableFiles.createFolder(content.resolve("policy")));
            optimizer.save(DurableFiles.createFolder(content.resolve("optimizer")));
            reference.ifPresent(model -> model.save(DurableFiles.createFolder(content.resolve("reference"))));
            DurableFiles.write(
                    content.resolve(STATE),
                    Json.text(Map.of("step", position.step(), "evaluated", position.evaluated())));
        });
        lastWritten = System.nanoTime();
        cost = lastWritten - begin;
    }

    /** Keeps the trained model. */
    void writeFinalModel() {
        DurableFiles.createFolder(folder.finalModel().getParent());
        DurableFiles.writeFolder(folder.finalModel(), policy::save);
    }
}
