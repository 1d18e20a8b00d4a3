package dpo.experiments.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a run.
 *
 * <pre>
 *  config.yaml         complete, resolved
 *  run.json            identity, provenance, status, result
 *  provenance/         of each data source, in Tribuo's types
 *  metrics.jsonl       a line an optimizer step
 *  evaluations.jsonl   a line an evaluation
 *  pairs.jsonl         log-probabilities of each held-out pair at each evaluation
 *  samples.jsonl       continuations of held-out prompts at each evaluation
 *  frontier.jsonl      exact optimal reward–KL frontier, where the world is known
 *  tensorboard/        event files
 *  checkpoints/        final: the trained model; resume: where an interrupted run goes on
 * </pre>
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

    /**
     * The folders of runs in a folder, by name; none where there is no such folder. One without {@code run.json} is no run
     * yet.
     */
    public static List<RunFolder> in(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(child -> Files.exists(child.resolve("run.json")))
                    .sorted()
                    .map(RunFolder::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its own name. */
    public String name() {
        return path.getFileName().toString();
    }

    /** What {@code run.json} says; empty where there is no such file yet. */
    public Optional<RunRecord> record() {
        Path file = path.resolve("run.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RunRecord.fromJson(Json.read(Files.readString(file))));
        } catch (IOException | RuntimeException e) {
            throw new OutputException("run.json must be a run record, got: " + e.getMessage() + " (" + file + ")");
        }
    }

    /** Writes {@code run.json}. */
    public void write(RunRecord record) {
        DurableFiles.write(path.resolve("run.json"), Json.text(record.toJson()));
    }

    /** Writes the provenance of a part of the data, as Tribuo's JSON. */
    public void writeProvenance(String part, String json) {
        Path target = DurableFiles.createFolder(path.resolve("provenance"));
        DurableFiles.write(target.resolve(part + ".json"), json);
    }

    /** Creates the folder and writes {@code config.yaml}. */
    public void create(String resolvedConfig) {
        DurableFiles.createFolder(path);
        DurableFiles.write(path.resolve("config.yaml"), resolvedConfig);
    }

    /** Opens {@code metrics.jsonl} for the steps after a given one. */
    public JsonLines metricsAfter(int step) {
        return JsonLines.appendAfter(path.resolve("metrics.jsonl"), step);
    }

    /** Opens {@code evaluations.jsonl} for the steps after a given one. */
    public JsonLines evaluationsAfter(int step) {
        return JsonLines.appendAfter(path.resolve("evaluations.jsonl"), step);
    }

    /** Opens {@code pairs.jsonl} for the steps after a given one. */
    public JsonLines pairsAfter(int step) {
        return JsonLines.appendAfter(path.resolve("pairs.jsonl"), step);
    }

    /** Opens {@code samples.jsonl} for the steps after a given one; those before the first step are step 0. */
    public JsonLines samplesAfter(int step) {
        return JsonLines.appendAfter(path.resolve("samples.jsonl"), step);
    }

    /** The lines of {@code samples.jsonl}. */
    public List<Map<String, Object>> samples() {
        return JsonLines.read(path.resolve("samples.jsonl"));
    }

    /** The lines of {@code metrics.jsonl}. */
    public List<Map<String, Object>> metrics() {
        return JsonLines.read(path.resolve("metrics.jsonl"));
    }

    /** The lines of {@code evaluations.jsonl}. */
    public List<Map<String, Object>> evaluations() {
        return JsonLines.read(path.resolve("evaluations.jsonl"));
    }

    /** Writes {@code frontier.jsonl}. */
    public void writeFrontier(List<Map<String, Object>> points) {
        writeLines("frontier.jsonl", points);
    }

    /** Folder of the TensorBoard events. */
    public Path tensorboard() {
        return path.resolve("tensorboard");
    }

    /** Folder of the trained model. */
    public Path finalModel() {
        return path.resolve("checkpoints").resolve("final");
    }

    /** Folder of the state from which an interrupted run goes on. */
    public Path resumeCheckpoint() {
        return path.resolve("checkpoints").resolve("resume");
    }

    /** Gives up the state for resuming, for the run has its result. */
    public void discardResumeCheckpoint() {
        DurableFiles.delete(resumeCheckpoint());
        DurableFiles.delete(DurableFiles.previous(resumeCheckpoint()));
    }

    private void writeLines(String name, List<Map<String, Object>> lines) {
        DurableFiles.write(
                path.resolve(name), lines.stream().map(line -> Json.line(line) + "\n").collect(Collectors.joining()));
    }
}
