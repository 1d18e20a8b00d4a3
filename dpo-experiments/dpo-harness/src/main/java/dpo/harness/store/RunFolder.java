package dpo.harness.store;

import dpo.train.Frontier;
import dpo.train.StepReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of a run.
 *
 * <pre>
 *  config.yaml         complete, resolved
 *  run.json            identity, provenance, status, result, checksums of the other files
 *  provenance/         of the run and of each data source, in Tribuo's types; inputs.json: all inputs in detail
 *  metrics.jsonl       one line per optimizer step
 *  evaluations.jsonl   one line per evaluation
 *  pairs.jsonl         log-probabilities of each held-out pair at each evaluation
 *  samples.jsonl       completions of held-out prompts at each evaluation
 *  frontier.jsonl      exact optimal reward–KL frontier, in the controlled world
 *  tensorboard/        event files
 *  checkpoints/        see {@link CheckpointFolder}
 *  failure.txt         the stack trace of an unexpected failure
 *  damaged/N/          damaged files that have been computed again
 * </pre>
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

    private static final String CONFIG = "config.yaml";
    private static final String RECORD = "run.json";
    /** Name of a file of JSON lines. */
    public static final String METRICS = "metrics.jsonl";
    /** Name of a file of JSON lines. */
    public static final String EVALUATIONS = "evaluations.jsonl";
    /** Name of a file of JSON lines. */
    public static final String PAIRS = "pairs.jsonl";
    /** Name of a file of JSON lines. */
    public static final String SAMPLES = "samples.jsonl";

    private static final String FRONTIER = "frontier.jsonl";
    private static final String PROVENANCE = "provenance";
    private static final String FAILURE = "failure.txt";
    private static final List<String> LINES = List.of(METRICS, EVALUATIONS, PAIRS, SAMPLES, FRONTIER);
    private static final Map<String, Class<?>> RECORDS =
            Map.of(EVALUATIONS, EvaluationLine.class, SAMPLES, SampleLine.class);

    /** The run folders in a folder, sorted by name; none if it does not exist. */
    public static List<RunFolder> in(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.sorted()
                    .map(RunFolder::new)
                    .filter(RunFolder::holdsRun)
                    .toList();
        } catch (IOException e) {
            throw OutputException.reading(parent, e);
        }
    }

    /** Whether the folder holds files of a run, complete or not. */
    public boolean holdsRun() {
        return Stream.of(RECORD, METRICS).map(path::resolve).anyMatch(Files::exists);
    }

    /** The name of the folder. */
    public String name() {
        return path.getFileName().toString();
    }

    /** The content of {@code run.json}; empty if it is missing or damaged. */
    public Optional<RunRecord> record() {
        Path file = path.resolve(RECORD);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RunRecord.fromText(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        } catch (RuntimeException damaged) {
            return Optional.empty();
        }
    }

    /** The record of the completed run of an identity; empty if the folder holds none. */
    public Optional<RunRecord> completed(Map<String, String> identity) {
        return record().filter(record -> record.status() == RunRecord.Status.COMPLETED
                && record.identity().equals(identity)
                && record.files().isPresent());
    }

    /**
     * The error of the first missing or damaged file; empty if all are intact. During a run, its lines must be those of a run;
     * after its end, its files must have the checksums in {@code run.json}.
     *
     * @param thorough whether to read a trained model even if its files are older than {@code run.json}
     */
    public Optional<String> damage(boolean thorough) {
        Optional<RunRecord> record = record();
        if (record.isEmpty()) {
            boolean exists = Files.exists(path.resolve(RECORD));
            return Optional.of(RECORD + " must be the record that was written, got "
                    + (exists ? "a damaged one" : "no such file"));
        }
        return damage(record.get(), thorough);
    }

    /** Like {@link #damage(boolean)}, of a folder with this record. */
    public Optional<String> damage(RunRecord record, boolean thorough) {
        if (record.status() == RunRecord.Status.RUNNING) {
            return LINES.stream()
                    .map(name -> JsonLines.damage(path.resolve(name), RECORDS.getOrDefault(name, Map.class)))
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        return record.files()
                .flatMap(files -> files.damage(path, file -> thorough || !isUntouchedModel(file), FileChecksum::of));
    }

    private boolean isUntouchedModel(Path file) {
        try {
            // Of equal times, which file systems with coarse clocks give, either file may be the newer one.
            return file.startsWith(checkpoints().path())
                    && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(path.resolve(RECORD))) < 0;
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** The files that training writes: records, event files and checkpoints. */
    public List<Path> computed() {
        List<Path> computed =
                new ArrayList<>(List.of(tensorboard(), checkpoints().path()));
        LINES.stream().map(path::resolve).forEach(computed::add);
        return computed;
    }

    /** All files of a run: the {@link #computed} ones, its configuration, its record and the provenance of its data. */
    public List<Path> everything() {
        List<Path> everything = computed();
        Stream.of(CONFIG, RECORD, PROVENANCE).map(path::resolve).forEach(everything::add);
        return everything;
    }

    /**
     * Moves files or folders of the run to a new folder in {@code damaged/}, so that they can be written again without
     * loss.
     *
     * @return that folder
     */
    public Path setAside(List<Path> files) {
        Path place = DurableFiles.createFolderWithin(path.resolve("damaged"));
        int number = 1;
        while (Files.exists(place.resolve(Integer.toString(number)))) {
            number++;
        }
        Path target = DurableFiles.createFolderWithin(place.resolve(Integer.toString(number)));
        files.stream()
                .filter(Files::exists)
                .forEach(file -> DurableFiles.moveFolder(
                        file, target.resolve(file.getFileName().toString())));
        return target;
    }

    /**
     * The run's files at its end.
     *
     * @param required names of files, or of folders that must not be empty
     * @throws OutputException if one of them is missing
     */
    public Manifest manifest(List<String> required) {
        List<Path> all = new ArrayList<>(List.of(path.resolve(CONFIG), path.resolve(PROVENANCE), tensorboard()));
        all.addAll(checkpoints().models());
        LINES.stream().map(path::resolve).forEach(all::add);
        Manifest manifest = Manifest.of(path, all);
        for (String name : required) {
            if (manifest.files().keySet().stream()
                    .noneMatch(file -> file.equals(name) || file.startsWith(name + "/"))) {
                throw new OutputException("output must stay in place while a run is computed, got no such file ("
                        + path.resolve(name) + ")");
            }
        }
        return manifest;
    }

    /** The files that are written once, before the first step. */
    public Manifest documents() {
        return Manifest.of(path, List.of(path.resolve(CONFIG), path.resolve(PROVENANCE)));
    }

    /** Writes {@code run.json}. */
    public void write(RunRecord record) {
        DurableFiles.write(path.resolve(RECORD), record.toText());
    }

    /** Writes a part of the provenance, as JSON. */
    public void writeProvenance(String part, String json) {
        Path target = DurableFiles.createFolderWithin(path.resolve(PROVENANCE));
        DurableFiles.write(target.resolve(part + ".json"), json);
    }

    /** The provenance of a part; empty if there is none. */
    public Optional<String> provenance(String part) {
        Path file = path.resolve(PROVENANCE).resolve(part + ".json");
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            throw OutputException.reading(file, e);
        }
    }

    /** Writes the stack trace of an unexpected failure. */
    public void writeFailure(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        DurableFiles.write(path.resolve(FAILURE), trace.toString());
    }

    /** The error of a failed run, with the file of its stack trace if there is one. */
    public String describeFailure(RunRecord failed) {
        Path trace = path.resolve(FAILURE);
        return failed.error().orElse("") + (Files.exists(trace) ? " (stack trace: " + trace + ")" : "");
    }

    /** Deletes the stack trace of an earlier start. */
    public void discardFailure() {
        DurableFiles.delete(path.resolve(FAILURE));
    }

    /** The path of {@code config.yaml}. */
    public Path config() {
        return path.resolve(CONFIG);
    }

    /** Writes {@code config.yaml}. */
    public void writeConfig(String resolvedConfig) {
        DurableFiles.write(path.resolve(CONFIG), resolvedConfig);
    }

    /** Opens a file of JSON lines after its first bytes and truncates the rest. */
    public JsonLines open(String name, FileChecksum kept) {
        return JsonLines.keeping(path.resolve(name), kept);
    }

    /** The lines of {@code samples.jsonl}. */
    public List<SampleLine> samples() {
        return JsonLines.read(path.resolve(SAMPLES), SampleLine.class);
    }

    /** The lines of {@code metrics.jsonl}. */
    public List<StepReport> metrics() {
        return JsonLines.read(path.resolve(METRICS)).stream()
                .map(StepReport::of)
                .toList();
    }

    /** The lines of {@code evaluations.jsonl}. */
    public List<EvaluationLine> evaluations() {
        return JsonLines.read(path.resolve(EVALUATIONS), EvaluationLine.class);
    }

    /** The step of the last evaluation; empty if there is none, or a line is damaged. */
    public Optional<Integer> lastEvaluation() {
        return JsonLines.damage(path.resolve(EVALUATIONS), EvaluationLine.class).isPresent()
                ? Optional.empty()
                : evaluations().stream().map(EvaluationLine::step).max(Comparator.naturalOrder());
    }

    /** Writes {@code frontier.jsonl}. */
    public void writeFrontier(List<Frontier.Point> points) {
        DurableFiles.write(path.resolve(FRONTIER), FrontierLine.text(points));
    }

    /** Folder of the TensorBoard events. */
    public Path tensorboard() {
        return path.resolve("tensorboard");
    }

    /** The folder of the models and of the states from which an interrupted run can resume. */
    public CheckpointFolder checkpoints() {
        return new CheckpointFolder(path.resolve(CheckpointFolder.NAME));
    }
}
