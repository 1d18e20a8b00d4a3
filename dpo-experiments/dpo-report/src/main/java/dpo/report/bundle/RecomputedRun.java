package dpo.report.bundle;

import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.run.LogProbsFile;
import dpo.harness.run.RunResult;
import dpo.harness.store.EvaluationLine;
import dpo.harness.store.RunFolder;
import dpo.train.BestEvaluation;
import dpo.train.EvaluationSet;
import dpo.train.StepReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Recomputes the numbers of one run from its files and compares them. */
final class RecomputedRun {

    private static final String PREFIX = EvaluationSet.METRICS;

    private final RunFolder folder;
    private final String id;
    private final List<StepReport> steps;

    /**
     * @param folder a run whose files are intact
     * @param id its id
     */
    RecomputedRun(RunFolder folder, String id) {
        this.folder = folder;
        this.id = id;
        this.steps = folder.metrics();
    }

    /** Compares the result in {@code run.json} with that of its steps and evaluations, which is equal to the last bit. */
    void compareResult(Map<String, Double> result, Backends backends, Comparison comparison) {
        Map<String, Double> recomputed = RunResult.of(folder, best(backends));
        result.forEach((metric, value) ->
                comparison.numbers(id + ": " + metric, value, recomputed.getOrDefault(metric, Double.NaN)));
    }

    /**
     * Compares the evaluations with the objective and the metrics of the stored log-probabilities of pairs.
     *
     * @return why some numbers cannot be recomputed, with their number
     */
    Map<String, Integer> compareEvaluations(Backends backends, Comparison comparison) {
        Map<String, Integer> left = new TreeMap<>();
        List<EvaluationLine> evaluations = folder.evaluations();
        long numbers = evaluations.stream()
                .flatMap(line -> line.metrics().keySet().stream())
                .filter(name -> name.startsWith(PREFIX))
                .count();
        Path pairs = folder.path().resolve(RunFolder.PAIRS);
        Optional<PreferenceLoss> objective = objective(backends);
        if (numbers > 0 && !Files.exists(pairs)) {
            left.put("without pairs.jsonl", (int) numbers);
        } else if (numbers > 0 && objective.isEmpty()) {
            left.put("of a config that this program cannot read", (int) numbers);
        } else if (numbers > 0 && objective.get().needs().contains(Need.SINGLE_TOKENS)) {
            left.put("of an objective of single tokens", (int) numbers);
        } else if (numbers > 0) {
            SortedMap<Integer, SortedMap<String, LogProbsFile>> scores = LogProbsFile.evaluations(pairs);
            for (EvaluationLine line : evaluations) {
                Map<String, Double> recomputed = new LinkedHashMap<>();
                scores.getOrDefault(line.step(), new TreeMap<>())
                        .forEach((set, scored) -> metrics(objective.get(), scored, line.step())
                                .forEach((name, value) -> recomputed.put(prefix(set) + name, value)));
                compare(line, recomputed, comparison, left);
            }
        }
        return left;
    }

    private static String prefix(String set) {
        return set.isEmpty() ? PREFIX : PREFIX + set + "/";
    }

    private void compare(
            EvaluationLine line, Map<String, Double> recomputed, Comparison comparison, Map<String, Integer> left) {
        line.metrics().forEach((name, value) -> {
            if (!name.startsWith(PREFIX)) {
                return;
            }
            Double again = recomputed.get(name);
            if (again == null) {
                left.merge(name.substring(PREFIX.length()), 1, Integer::sum);
            } else {
                comparison.numbers(
                        id + ", step " + line.step() + ": " + name, value == null ? Double.NaN : value, again);
            }
        });
    }

    private Optional<PreferenceLoss> objective(Backends backends) {
        return config(backends).map(config -> config.objective().loss());
    }

    private Optional<BestEvaluation> best(Backends backends) {
        return config(backends).flatMap(config -> config.training().best());
    }

    /** The run's config; empty if it has parts that are not on the class path. */
    private Optional<ExperimentConfig> config(Backends backends) {
        try {
            return Optional.of(ExperimentFile.read(folder.config(), List.of(), backends)
                    .cells()
                    .get(0)
                    .config());
        } catch (ConfigException e) {
            return Optional.empty();
        }
    }

    /** Loss and metrics of whole completions and turns; a metric of single tokens is left out. */
    private Map<String, Double> metrics(PreferenceLoss objective, LogProbsFile scored, int step) {
        Map<String, Double> carried = steps.stream()
                .filter(line -> line.step() == step)
                .findFirst()
                .map(StepReport::carried)
                .orElse(Map.of());
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(
                "loss",
                objective
                        .evaluate(
                                scored.logProbs(),
                                Normalizer.of(scored.logProbs())
                                        .carrying(carried)
                                        .forEvaluation())
                        .value());
        PreferenceMetrics metrics = new PreferenceMetrics(objective);
        metrics.add(scored.logProbs());
        values.putAll(metrics.values());
        values.remove("forward_kl_per_token");
        return values;
    }
}
