package dpo.harness.run;

import dpo.harness.store.FileChecksum;
import dpo.harness.store.JsonLines;
import dpo.harness.store.Manifest;
import dpo.harness.store.RunFolder;
import dpo.harness.tensorboard.TensorBoardEvents;
import dpo.train.EvaluationReport;
import dpo.train.StepReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Records every step and evaluation of a run: {@code metrics}, {@code evaluations}, {@code pairs}, {@code samples},
 * TensorBoard events.
 */
final class RunLog implements AutoCloseable {

    private final SortedMap<String, JsonLines> files;
    private final TensorBoardEvents events;
    private final Map<String, Double> carried;
    private Manifest committed = Manifest.NONE;

    private RunLog(SortedMap<String, JsonLines> files, TensorBoardEvents events, Map<String, Double> carried) {
        this.files = files;
        this.events = events;
        this.carried = carried;
    }

    /**
     * Opens the log of a run that resumes from a state; records of later steps and evaluations are removed.
     *
     * @param withSamples whether samples will be recorded, including those of step 0
     */
    static RunLog after(CheckpointState state, RunFolder folder, boolean withSamples) {
        List<String> names = new ArrayList<>(List.of(RunFolder.METRICS, RunFolder.EVALUATIONS, RunFolder.PAIRS));
        if (withSamples) {
            names.add(RunFolder.SAMPLES);
        }
        SortedMap<String, JsonLines> files = new TreeMap<>();
        names.forEach(name -> files.put(name, folder.open(name, state.kept(name))));
        return new RunLog(files, TensorBoardEvents.open(folder.tensorboard()), lastCarried(folder));
    }

    /** Declares that all records belong to completed steps and evaluations. */
    void commit() {
        SortedMap<String, FileChecksum> extents = new TreeMap<>();
        files.forEach((name, file) -> extents.put(name, file.extent()));
        committed = new Manifest(extents);
    }

    /** Lengths and checksums of the files at the last {@link #commit}. */
    Manifest committed() {
        return committed;
    }

    /** The numbers that the objective carries from the last recorded step. */
    Map<String, Double> carried() {
        return carried;
    }

    /** Records a step. */
    void step(StepReport step) {
        Map<String, Object> line = step.values();
        file(RunFolder.METRICS).append(line);
        events.write(step.step(), wallSeconds(), numbers(line));
    }

    /** Records an evaluation, unless it has no metrics. */
    void evaluation(EvaluationReport evaluation) {
        if (evaluation.metrics().isEmpty()) {
            return;
        }
        int step = evaluation.step();
        evaluation.preferences().forEach(scored -> file(RunFolder.PAIRS).append(StoredScores.line(step, scored)));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(evaluation.metrics());
        file(RunFolder.EVALUATIONS).append(line);
        events.write(step, wallSeconds(), evaluation.metrics());
    }

    /** Records samples, if the run has any. */
    void samples(List<Map<String, Object>> lines) {
        if (files.containsKey(RunFolder.SAMPLES)) {
            lines.forEach(file(RunFolder.SAMPLES)::append);
        }
    }

    private JsonLines file(String name) {
        return Objects.requireNonNull(files.get(name));
    }

    /** Forces all records to the disk. */
    void force() {
        files.values().forEach(JsonLines::force);
    }

    /** Requires that the files hold exactly what was recorded. */
    void requireWhole() {
        files.values().forEach(JsonLines::requireWhole);
        events.requireWhole();
    }

    /**
     * The result of a run, read back from its files: {@code train/mean_loss}, the mean of the loss over all optimizer
     * steps (TRL's {@code train_loss}); {@code train/last_loss}, that of the last step; and the last evaluation.
     */
    static Map<String, Double> result(RunFolder folder) {
        Map<String, Double> result = new LinkedHashMap<>();
        List<Map<String, Object>> steps = folder.metrics();
        result.put(
                "train/mean_loss",
                steps.stream()
                        .mapToDouble(step -> numbers(step).getOrDefault("loss", Double.NaN))
                        .average()
                        .orElse(Double.NaN));
        result.put("train/last_loss", last(steps).getOrDefault("loss", Double.NaN));
        Map<String, Double> evaluation = last(folder.evaluations());
        evaluation.remove("step");
        result.putAll(evaluation);
        return result;
    }

    private static Map<String, Double> lastCarried(RunFolder folder) {
        Map<String, Double> carried = new LinkedHashMap<>();
        last(folder.metrics()).forEach((name, number) -> {
            if (name.startsWith(StepReport.CARRIED)) {
                carried.put(name.substring(StepReport.CARRIED.length()), number);
            }
        });
        return carried;
    }

    /** The numbers of the last line of a file; none if it has no line. */
    private static Map<String, Double> last(List<Map<String, Object>> lines) {
        return lines.isEmpty() ? new LinkedHashMap<>() : numbers(lines.get(lines.size() - 1));
    }

    private static Map<String, Double> numbers(Map<String, ?> line) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        line.forEach((name, value) -> {
            if (value instanceof Number number) {
                numbers.put(name, number.doubleValue());
            }
        });
        return numbers;
    }

    private static double wallSeconds() {
        return System.currentTimeMillis() / 1e3;
    }

    @Override
    public void close() {
        try (events) {
            files.values().forEach(JsonLines::close);
        }
    }
}
