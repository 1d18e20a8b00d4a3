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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a checkpoint, the content of {@code state.json}.
 *
 * @param position position of the run
 * @param identity of the run, as in {@code run.json}
 * @param records length and checksum of the part of each record file that belongs to earlier steps
 * @param files all other files of the checkpoint
 */
record CheckpointState(TrainingPosition position, Map<String, String> identity, Manifest records, Manifest files) {

    /** The state of a run without a checkpoint. */
    static final CheckpointState START =
            new CheckpointState(TrainingPosition.START, Map.of(), Manifest.NONE, Manifest.NONE);

    private static final String FILE = "state.json";

    /** Completes a checkpoint after its other files have been written. */
    static void write(Path checkpoint, TrainingPosition position, Map<String, String> identity, Manifest records) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("step", position.step());
        json.put("evaluated", position.evaluated());
        json.put("identity", identity);
        json.put("records", records.toJson());
        json.put("files", Manifest.of(checkpoint, List.of(checkpoint)).toJson());
        DurableFiles.write(checkpoint.resolve(FILE), Json.sealed(json));
    }

    /** Reads the state of an intact checkpoint. */
    static CheckpointState read(Path checkpoint) {
        Path file = checkpoint.resolve(FILE);
        try {
            return fromJson(Json.unsealed(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("no such file", e);
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    @SuppressWarnings("unchecked") // the checksum guarantees the output of write
    private static CheckpointState fromJson(Map<String, Object> json) {
        return new CheckpointState(
                new TrainingPosition((Integer) json.get("step"), (Boolean) json.get("evaluated")),
                (Map<String, String>) json.get("identity"),
                Manifest.fromJson(json.get("records")),
                Manifest.fromJson(json.get("files")));
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
        return position.step() == 0 ? FileChecksum.NONE : records.files().getOrDefault(file, FileChecksum.NONE);
    }
}
