package dpo.harness.run;

import dpo.core.InvalidInputException;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.JsonLines;
import dpo.harness.store.RunFolder;
import dpo.train.EvaluationSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The metrics of each single held-out preference of a run's last evaluation, recomputed from {@code pairs.jsonl} with
 * the run's objective. The mean over preferences is the run's metric, for most metrics; it is not for those that count
 * tokens, or pairs within lists, or that are no means.
 *
 * @param sets prefix of an evaluation set's metrics, {@code eval/} or {@code eval/NAME/}, → id and prompt of each of its
 *     preferences, in the order of the file
 * @param metrics metric, such as {@code eval/rewards/margins}, → its value for each preference of its set; NaN if it has
 *     none
 */
public record PairScores(Map<String, List<Pair>> sets, Map<String, double[]> metrics) {

    /**
     * A preference.
     *
     * @param pair its id in the data
     * @param prompt equal for preferences of one prompt; the id itself in run folders without prompts
     */
    public record Pair(String pair, String prompt) {}

    /**
     * Reads a run's scores.
     *
     * @throws InvalidInputException if the run has no held-out preferences
     */
    public static PairScores of(RunFolder folder) {
        Path file = folder.path().resolve(RunFolder.PAIRS);
        PreferenceLoss loss = ExperimentFile.read(folder.config(), List.of(), Backends.onClassPath())
                .cells()
                .get(0)
                .config()
                .objective()
                .loss();
        Map<String, List<Pair>> bySet = pairs(file);
        Map<String, List<Pair>> sets = new LinkedHashMap<>();
        Map<String, double[]> metrics = new LinkedHashMap<>();
        bySet.forEach((name, pairs) -> {
            String prefix = EvaluationSet.prefix(name);
            sets.put(prefix, pairs);
            metrics.putAll(metrics(
                    prefix,
                    loss,
                    LogProbsFile.read(file, OptionalInt.empty(), Optional.of(name))
                            .logProbs()));
        });
        return new PairScores(sets, metrics);
    }

    /** The preferences over which a metric is a mean; none if it is the metric of no set. */
    public List<Pair> pairs(String metric) {
        return sets.entrySet().stream()
                .filter(set -> metric.startsWith(set.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(List.of());
    }

    /** The preferences of the last evaluation by the name of their set; one without a name is empty. */
    private static Map<String, List<Pair>> pairs(Path file) {
        List<Map<String, Object>> lines = JsonLines.read(file);
        Object last = lines.get(lines.size() - 1).get("step");
        Map<String, List<Pair>> sets = new LinkedHashMap<>();
        lines.stream().filter(line -> Objects.equals(line.get("step"), last)).forEach(line -> sets.computeIfAbsent(
                        String.valueOf(line.getOrDefault("set", "")), name -> new ArrayList<>())
                .add(new Pair(
                        String.valueOf(line.get("pair")),
                        String.valueOf(line.getOrDefault("prompt", line.get("pair"))))));
        return sets;
    }

    /**
     * The metrics of each preference alone.
     *
     * @param loss the objective; its value is among the metrics if stored sums over turns determine it
     */
    private static Map<String, double[]> metrics(String prefix, PreferenceLoss loss, PreferenceLogProbs logProbs) {
        List<Map<String, Double>> each = new ArrayList<>();
        // Stored sums over turns do not determine a loss of single tokens, nor one preference a loss of a whole step.
        boolean hasLoss =
                !loss.needs().contains(Need.WHOLE_STEP) && !loss.needs().contains(Need.SINGLE_TOKENS);
        for (int i = 0; i < logProbs.size(); i++) {
            PreferenceLogProbs one = logProbs.slice(i, i + 1);
            PreferenceMetrics metrics = new PreferenceMetrics(loss);
            metrics.add(one);
            Map<String, Double> values = new LinkedHashMap<>(metrics.values());
            if (hasLoss) {
                values.put("loss", loss.evaluate(one, Normalizer.of(one)).value());
            }
            each.add(values);
        }
        Map<String, double[]> metrics = new LinkedHashMap<>();
        each.forEach(values -> values.keySet().forEach(name -> metrics.putIfAbsent(prefix + name, new double[0])));
        metrics.replaceAll((name, none) -> IntStream.range(0, each.size())
                .mapToDouble(i -> each.get(i).getOrDefault(name.substring(prefix.length()), Double.NaN))
                .toArray());
        return metrics;
    }
}
