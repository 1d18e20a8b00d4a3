package dpo.report.evaluation;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.core.sequence.Label;
import dpo.core.sequence.TokenSequence;
import dpo.report.results.PairValues;
import dpo.train.ScoredPreference;
import dpo.train.ScoredSet;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The metrics of single preferences under one objective. */
final class Items {

    /** Share of pairs where the chosen completion has the greater reward; ties count one half. */
    static final String ACCURACY = "rewards/accuracies";

    /** Name of the loss. */
    static final String LOSS = "loss";

    private Items() {}

    /**
     * A preference.
     *
     * @param group its preference source
     * @param prompt its prompt, comparable by content
     * @param metrics its metrics by name: means over its pairs, completions or tokens
     * @param counts the numbers of pairs, completions and tokens over which the means are
     * @param longer positive if the chosen completion of a pair has more tokens, negative if it has fewer; 0 also for
     *     lists and labels
     * @param logProbs its log-probabilities
     */
    record Item(
            String group,
            Object prompt,
            Map<String, Double> metrics,
            Counts counts,
            int longer,
            PreferenceLogProbs logProbs) {}

    /** The denominators of the metrics of one preference. */
    record Counts(int pairs, int chosen, int rejected, int tokens) {

        /** The denominator of a metric; 0 for metrics that are not means over a preference's parts. */
        int of(String metric) {
            return switch (metric) {
                case LOSS -> 1;
                case ACCURACY,
                        "rewards/margins",
                        "rewards/ties",
                        "rewards/brier",
                        "alignment/policy_mean_log_ratio",
                        "alignment/reference_mean_log_ratio" -> pairs;
                case "rewards/chosen", "logps/chosen", "chosen_log_prob_fell", "tokens/chosen" -> chosen;
                case "rewards/rejected", "logps/rejected", "tokens/rejected" -> rejected;
                case "forward_kl_per_token" -> tokens;
                default -> 0;
            };
        }
    }

    /**
     * The preferences of a set, in its order. The loss of one is N times its share of the mean over the N preferences
     * of the set; it is absent if the objective is not a sum over preferences.
     */
    static List<Item> of(ScoredSet scored, PreferenceLoss loss, Map<String, Double> carried) {
        Normalizer normalizer = scored.normalizer(carried);
        return scored.preferences().stream()
                .map(each -> item(each, loss, normalizer))
                .toList();
    }

    private static Item item(ScoredPreference scored, PreferenceLoss loss, Normalizer normalizer) {
        PreferenceLogProbs alone = scored.logProbs().slice(scored.index(), scored.index() + 1);
        PreferenceMetrics metrics = new PreferenceMetrics(loss);
        metrics.add(alone);
        Map<String, Double> values = new LinkedHashMap<>();
        PairValues.loss(loss, alone, normalizer).ifPresent(value -> values.put(LOSS, value));
        values.putAll(metrics.values());
        TokenSequence first = scored.preference().first();
        int[] prompt = Arrays.copyOf(
                first.ids(), first.turns().isEmpty() ? 0 : first.turns().get(0).start());
        return new Item(
                scored.preference().label().group(),
                IntBuffer.wrap(prompt),
                values,
                counts(alone),
                longer(alone),
                alone);
    }

    private static Counts counts(PreferenceLogProbs alone) {
        Label label = alone.labels().get(0);
        int pairs = (int) IntStream.range(0, label.completions())
                .mapToLong(i -> IntStream.range(i + 1, label.completions())
                        .filter(k -> label.prefers(i, k))
                        .count())
                .sum();
        int chosen = label.isFirstDesirable() ? 1 : 0;
        return new Counts(
                pairs,
                chosen,
                label.completions() - chosen,
                alone.policy().shape().tokens());
    }

    private static int longer(PreferenceLogProbs alone) {
        return alone.labels().get(0).isPair()
                ? Integer.compare(alone.policy().tokens(0), alone.policy().tokens(1))
                : 0;
    }
}
