package dpo.harness.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The folder of a run's models and of the states from which it can resume; any of them may be missing.
 *
 * <pre>
 *  final                    the trained model
 *  best                     the model of the best evaluation
 *  step-00000100            the model after a step
 *  resume, resume.previous  the states from which an interrupted run resumes
 * </pre>
 *
 * @param path the folder
 */
public record CheckpointFolder(Path path) {

    /** Name of the folder. */
    public static final String NAME = "checkpoints";

    /** Path of the trained model within the folder of a run. */
    public static final String TRAINED = NAME + "/final";

    private static final String STEP = "step-";

    /** Folder of the trained model. */
    public Path trained() {
        return path.resolve("final");
    }

    /** Folder of the model of the best evaluation. */
    public Path best() {
        return path.resolve("best");
    }

    /** Folder of the model after a step. */
    public Path ofStep(int step) {
        return path.resolve(String.format(Locale.ROOT, STEP + "%08d", step));
    }

    /** The folders of the models that were saved after steps, in the order of their steps. */
    public List<Path> ofSteps() {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(path)) {
            return all.filter(folder -> folder.getFileName().toString().matches(STEP + "\\d{8,}"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw OutputException.reading(path, e);
        }
    }

    /** The folders of all models; some may not exist. */
    public List<Path> models() {
        List<Path> models = new ArrayList<>(List.of(trained(), best()));
        models.addAll(ofSteps());
        return models;
    }

    /** Folder of the newest state from which an interrupted run resumes. */
    public Path resume() {
        return path.resolve("resume");
    }

    /** The folders of the states from which an interrupted run can resume, the newest first. */
    public List<Path> resumable() {
        return Stream.of(resume(), DurableFiles.previous(resume()))
                .filter(Files::exists)
                .toList();
    }

    /** Deletes the states for resuming, once the run has its result. */
    public void discardResume() {
        DurableFiles.delete(resume());
        DurableFiles.delete(DurableFiles.previous(resume()));
    }
}
