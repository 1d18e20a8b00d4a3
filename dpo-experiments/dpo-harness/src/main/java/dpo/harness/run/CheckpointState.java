package dpo.harness.run;

import dpo.harness.store.DurableFiles;
import dpo.harness.store.FileChecksum;
import dpo.harness.store.Json;
import dpo.harness.store.Manifest;
import dpo.harness.store.OutputException;
import dpo.harness.store.RunFolder;
import dpo.train.TrainingPosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a checkpoint, the content of {@code state.json}.
 *
 * @param step number of completed optimizer steps
 * @param evaluated whether the evaluation after this step, if due, is completed
 * @param identity of the run, as in {@code run.json}
 * @param records length and checksum of the part of each record file that belongs to earlier steps
 * @param files all other files of the checkpoint
 */
record CheckpointState(int step, boolean evaluated, Map<String, String> identity, Manifest records, Manifest files) {

    /** The state of a run without a checkpoint. */
    static final CheckpointState START = new CheckpointState(0, true, Map.of(), Manifest.NONE, Manifest.NONE);

    private static final String FILE = "state.json";

    /** Completes a checkpoint after its other files have been written. */
    static void write(Path checkpoint, TrainingPosition position, Map<String, String> identity, Manifest records) {
        Manifest files = Manifest.of(checkpoint, List.of(checkpoint));
        CheckpointState state = new CheckpointState(position.step(), position.evaluated(), identity, records, files);
        DurableFiles.write(checkpoint.resolve(FILE), Json.sealed(state));
    }

    /** Reads the state of an intact checkpoint. */
    static CheckpointState read(Path checkpoint) {
        Path file = checkpoint.resolve(FILE);
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return Json.unsealed(text, CheckpointState.class);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("no such file", e);
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** Position of the run. */
    TrainingPosition position() {
        return new TrainingPosition(step, evaluated);
    }

    /** The reason why a run cannot resume from a checkpoint; empty if it can. */
    static Optional<String> damage(Path checkpoint, RunFolder run, Map<String, String> identity) {
        CheckpointState state;
        try {
            state = read(checkpoint);
        } catch (OutputException unreadable) {
            throw unreadable;
        } catch (RuntimeException damaged) {
            return Optional.of(FILE + " must be the state that was written, got a damaged one");
        }
        if (!state.identity.equals(identity)) {
            return Optional.of("checkpoint must be of this run, got one of other configuration, data, model or code");
        }
        return state.files.damage(checkpoint).or(() -> state.records.damageAtBegin(run.path()));
    }

    /** The part of a record file that belongs to earlier steps; nothing at the start of the run. */
    FileChecksum kept(String file) {
        return step == 0 ? FileChecksum.NONE : records.files().getOrDefault(file, FileChecksum.NONE);
    }
}
