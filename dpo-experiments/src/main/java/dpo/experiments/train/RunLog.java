package dpo.experiments.train;

import dpo.experiments.store.JsonLines;
import dpo.experiments.store.RunFolder;
import dpo.experiments.tensorboard.TensorBoardEvents;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records every step and evaluation of a run: {@code metrics}, {@code evaluations}, {@code pairs}, {@code samples},
 * TensorBoard events.
 */
final class RunLog implements AutoCloseable {

    private static final String CARRIED = "carried/";

    private final JsonLines metrics;
    private final JsonLines evaluations;
    private final JsonLines pairs;
    private final Optional<JsonLines> samples;
    private final TensorBoardEvents events;
    private final Map<String, Double> carried;

    private RunLog(
            JsonLines metrics,
            JsonLines evaluations,
            JsonLines pairs,
            Optional<JsonLines> samples,
            TensorBoardEvents events,
            Map<String, Double> carried) {
        this.metrics = metrics;
        this.evaluations = evaluations;
        this.pairs = pairs;
        this.samples = samples;
        this.events = events;
        this.carried = carried;
    }

    /**
     * The log of a run that has come so far; what was recorded of later steps and evaluations is taken away.
     *
     * @param withSamples whether samples will be recorded, of step 0 too
     */
    static RunLog after(Checkpoints.Position position, RunFolder folder, boolean withSamples) {
        JsonLines metrics = folder.metricsAfter(position.step());
        int evaluated = position.lastEvaluated();
        return new RunLog(
                metrics,
                folder.evaluationsAfter(evaluated),
                folder.pairsAfter(evaluated),
                withSamples ? Optional.of(folder.samplesAfter(position.step() == 0 ? -1 : evaluated)) : Optional.empty(),
                TensorBoardEvents.open(folder.tensorboard()),
                lastCarried(folder));
    }

    /** What the objective carried from the last recorded step. */
    Map<String, Double> carried() {
        return carried;
    }

    /** Records a step. */
    void step(int step, Map<String, Object> line) {
        metrics.append(line);
        events.write(step, wallSeconds(), numbers(line));
    }

    /** Records an evaluation; nothing where nothing was found. */
    void evaluation(int step, Evaluation.Findings findings) {
        if (findings.metrics().isEmpty()) {
            return;
        }
        findings.pairLines().forEach(pairs::append);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(findings.metrics());
        evaluations.append(line);
        events.write(step, wallSeconds(), findings.metrics());
    }

    /** Records samples, where they are to be. */
    void samples(List<Map<String, Object>> lines) {
        samples.ifPresent(file -> lines.forEach(file::append));
    }

    /** Forces all that was recorded to the disk. */
    void force() {
        metrics.force();
        evaluations.force();
        pairs.force();
        samples.ifPresent(JsonLines::force);
    }

    /**
     * The result of a run, read back from its files: {@code train/mean_loss}, the mean of the loss over all optimizer
     * steps (TRL's {@code train_loss}); {@code train/last_loss}, that of the last step; and the last evaluation.
     */
    static Map<String, Double> result(RunFolder folder) {
        Map<String, Double> result = new LinkedHashMap<>();
        List<Map<String, Object>> steps = folder.metrics();
        result.put("train/mean_loss", steps.stream()
                .mapToDouble(step -> numbers(step).getOrDefault("loss", Double.NaN))
                .average()
                .orElse(Double.NaN));
        result.put("train/last_loss", last(steps).getOrDefault("loss", Double.NaN));
        Map<String, Double> evaluation = last(folder.evaluations());
        evaluation.remove("step");
        result.putAll(evaluation);
        return result;
    }

    /** How a number that the objective carries is called in a line of metrics. */
    static String carriedName(String name) {
        return CARRIED + name;
    }

    private static Map<String, Double> lastCarried(RunFolder folder) {
        Map<String, Double> carried = new LinkedHashMap<>();
        last(folder.metrics()).forEach((name, number) -> {
            if (name.startsWith(CARRIED)) {
                carried.put(name.substring(CARRIED.length()), number);
            }
        });
        return carried;
    }

    /** The numbers of the last line of a file; none where there is no line. */
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
        try (metrics;
                evaluations;
                pairs;
                events) {
            force();
            samples.ifPresent(JsonLines::close);
        }
    }
}
