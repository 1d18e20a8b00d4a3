package dpo.harness.run;

import dpo.harness.store.EvaluationLine;
import dpo.harness.store.FileChecksum;
import dpo.harness.store.JsonLines;
import dpo.harness.store.Manifest;
import dpo.harness.store.RunFolder;
import dpo.harness.store.SampleLine;
import dpo.harness.tensorboard.TensorBoardEvents;
import dpo.train.EvaluationReport;
import dpo.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private final SortedMap<Integer, Map<String, Double>> evaluations;
    private Manifest committed = Manifest.NONE;

    private RunLog(
            SortedMap<String, JsonLines> files,
            TensorBoardEvents events,
            Map<String, Double> carried,
            SortedMap<Integer, Map<String, Double>> evaluations) {
        this.files = files;
        this.events = events;
        this.carried = carried;
        this.evaluations = evaluations;
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
        return new RunLog(
                files,
                TensorBoardEvents.open(folder.tensorboard()),
                last(folder.metrics()).map(StepReport::carried).orElse(Map.of()),
                RunResult.byStep(folder));
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

    /** The metrics of the recorded evaluations before this start, by step. */
    SortedMap<Integer, Map<String, Double>> evaluations() {
        return evaluations;
    }

    /** Records a step. */
    void step(StepReport step) {
        Map<String, Number> line = step.values();
        file(RunFolder.METRICS).append(line);
        events.write(step.step(), wallSeconds(), line);
    }

    /** Records an evaluation, unless it has no metrics. */
    void evaluation(EvaluationReport evaluation) {
        if (evaluation.metrics().isEmpty()) {
            return;
        }
        int step = evaluation.step();
        evaluation.sets().forEach(set -> StoredScores.of(step, set).forEach(file(RunFolder.PAIRS)::append));
        file(RunFolder.EVALUATIONS).append(new EvaluationLine(step, evaluation.metrics()));
        events.write(step, wallSeconds(), evaluation.metrics());
    }

    /** Records samples, if the run has any. */
    void samples(List<SampleLine> lines) {
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

    /** Requires that the files contain exactly the recorded bytes. */
    void requireWhole() {
        files.values().forEach(JsonLines::requireWhole);
        events.requireWhole();
    }

    private static <T> Optional<T> last(List<T> lines) {
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1));
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
