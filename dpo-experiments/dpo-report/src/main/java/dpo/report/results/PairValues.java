package dpo.report.results;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.MetricSet;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.run.LogProbsFile;
import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.train.EvaluationSet;
import dpo.train.StepReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of each held-out pair of an evaluation set at the last evaluation of a run, computed from its {@code
 * pairs.jsonl} with its own objective.
 *
 * <p>{@code dpo evaluate} computes those of preferences that it has just scored, by token, in {@code
 * dpo.report.evaluation.Items}. Here only sums over turns are stored: metrics of single tokens have no values.
 *
 * @param pairs ids of the pairs, in the order of the file
 * @param prompts the prompt of each pair; null in runs that did not record it
 * @param values {@code [pair]}, by the name of the metric in the result; only metrics that are means over all pairs
 */
public record PairValues(List<@Nullable String> pairs, List<@Nullable String> prompts, Map<String, double[]> values) {

    private static final double CLOSE = 1e-9;

    /** Whether the prompts of all pairs are known. */
    public boolean isByPrompt() {
        return prompts.stream().allMatch(Objects::nonNull);
    }

    /** The cluster of each pair: its prompt, or the pair itself if prompts are unknown. */
    public List<?> clusters() {
        return isByPrompt() ? prompts : pairs;
    }

    /** The values of a run, one element per evaluation set; none if it has no pairs. */
    public static List<PairValues> of(RunFolder folder, Map<String, Double> result, Backends backends) {
        Path file = folder.path().resolve(RunFolder.PAIRS);
        List<Map<String, Object>> lines = JsonLines.read(file);
        if (lines.isEmpty()) {
            return List.of();
        }
        Object last = lines.get(lines.size() - 1).get("step");
        lines.removeIf(line -> !Objects.equals(line.get("step"), last));
        ExperimentConfig config = ExperimentFile.read(folder.config(), List.of(), backends)
                .cells()
                .get(0)
                .config();
        Map<String, Double> carried = folder.metrics().stream()
                .filter(step -> Objects.equals(step.step(), last))
                .findFirst()
                .map(StepReport::carried)
                .orElse(Map.of());
        Map<String, List<Map<String, Object>>> sets = new LinkedHashMap<>();
        lines.forEach(line ->
                sets.computeIfAbsent(set(line), unseen -> new ArrayList<>()).add(line));
        List<PairValues> values = new ArrayList<>();
        sets.forEach((set, ofSet) -> {
            PreferenceLogProbs all = LogProbsFile.read(
                            file, OptionalInt.empty(), Optional.of(set).filter(name -> !name.isEmpty()))
                    .logProbs();
            values.add(new PairValues(
                    texts(ofSet, "pair"),
                    texts(ofSet, "prompt"),
                    new Pairs(all, Normalizer.of(all).carrying(carried).forEvaluation(), config)
                            .means(EvaluationSet.prefix(set), result)));
        });
        return values;
    }

    private static String set(Map<String, Object> line) {
        return line.get("set") instanceof String name ? name : "";
    }

    private static List<@Nullable String> texts(List<Map<String, Object>> lines, String key) {
        List<@Nullable String> texts = new ArrayList<>();
        lines.forEach(line -> texts.add(line.get(key) instanceof String text ? text : null));
        return texts;
    }

    /**
     * The loss of one of N preferences: N times its share of the mean over them, so that the mean of all N is their loss
     * also with weights, groups and the state of the objective.
     *
     * @param alone the preference
     * @param normalizer of all N preferences
     * @return empty if the objective is not a sum over preferences
     */
    public static OptionalDouble loss(PreferenceLoss loss, PreferenceLogProbs alone, Normalizer normalizer) {
        return loss.needs().contains(Need.WHOLE_STEP)
                ? OptionalDouble.empty()
                : OptionalDouble.of(normalizer.preferences()
                        * loss.evaluate(alone, normalizer).value());
    }

    /** The stored pairs of an evaluation set. */
    private record Pairs(PreferenceLogProbs all, Normalizer normalizer, ExperimentConfig config) {

        /** Of each metric its value for each pair alone, if their mean is the recorded metric. */
        Map<String, double[]> means(String prefix, Map<String, Double> result) {
            Map<String, double[]> values = new LinkedHashMap<>();
            for (int j = 0; j < all.size(); j++) {
                for (Map.Entry<String, Double> metric :
                        alone(all.slice(j, j + 1)).entrySet()) {
                    values.computeIfAbsent(prefix + metric.getKey(), name -> missing(all.size()))[j] =
                            metric.getValue();
                }
            }
            values.entrySet().removeIf(metric -> !isMean(metric.getValue(), result.get(metric.getKey())));
            return values;
        }

        private Map<String, Double> alone(PreferenceLogProbs pair) {
            Map<String, Double> values = new LinkedHashMap<>();
            PreferenceLoss loss = config.objective().loss();
            try {
                PairValues.loss(loss, pair, normalizer).ifPresent(value -> values.put("loss", value));
            } catch (IllegalArgumentException needsTokens) {
                // Sums over turns do not determine an objective of single tokens.
            }
            try {
                MetricSet metrics = new MetricSet(loss, config.metrics());
                metrics.add(pair);
                values.putAll(metrics.values());
            } catch (IllegalArgumentException needsTokens) {
                // As above.
            }
            return values;
        }
    }

    private static double[] missing(int size) {
        double[] none = new double[size];
        Arrays.fill(none, Double.NaN);
        return none;
    }

    private static boolean isMean(double[] values, @Nullable Double recorded) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        return recorded != null && Math.abs(mean - recorded) <= CLOSE * Math.max(1, Math.abs(recorded));
    }
}
