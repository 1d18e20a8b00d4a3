package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.MetricSet;
import dpo.core.sequence.PreferenceBatch;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The names of the metrics of an evaluation, known before it: they depend on the objective and the preferences, not on
 * log-probabilities. So they are those of a policy and a reference that give each token the probability 1/e.
 */
public final class EvaluationNames {

    private EvaluationNames() {}

    /** What a policy knows of a controlled world. */
    public enum World {
        /** Nothing: it is a language model. */
        NONE,
        /** Its exact reward and divergence. */
        EXACT,
        /** Pairs on which it is judged, too. */
        EXACT_WITH_PAIRS;

        /** That of a policy. */
        public static World of(Policy policy) {
            if (policy.exactEvaluation().isEmpty()) {
                return NONE;
            }
            return policy.worldPairs().isPresent() ? EXACT_WITH_PAIRS : EXACT;
        }
    }

    /**
     * The names of the metrics of all evaluations of a training, in their order.
     *
     * @param settings objective and custom metrics
     * @param sets the evaluation sets; may be empty
     * @param world what the policy knows of its world
     */
    public static Set<String> of(TrainingSettings settings, List<EvaluationSet> sets, World world) {
        Set<String> names = new LinkedHashSet<>();
        for (EvaluationSet set : sets) {
            MetricSet metrics = new MetricSet(settings.loss(), settings.metrics());
            set.preferences()
                    .forEach(preference ->
                            metrics.add(evenly(settings.loss(), new PreferenceBatch(List.of(preference)))));
            names.add(set.prefix() + ScoredSet.LOSS);
            metrics.values().keySet().forEach(name -> names.add(set.prefix() + name));
        }
        if (world != World.NONE) {
            names.addAll(Frontier.METRICS);
            settings.beta().ifPresent(beta -> names.addAll(Frontier.METRICS_OF_BETA));
        }
        if (world == World.EXACT_WITH_PAIRS && WorldPairs.judges(settings.loss())) {
            names.addAll(WorldPairs.METRICS);
        }
        return names;
    }

    private static PreferenceLogProbs evenly(PreferenceLoss loss, PreferenceBatch batch) {
        TokenShape shape = TokenShape.of(batch.sequences());
        TokenLogProbs each = TokenLogProbs.filled(shape, values -> Arrays.fill(values, -1));
        Map<TokenStatistic, TokenLogProbs> statistics = new TreeMap<>();
        loss.needs().forEach(need -> need.statistic().ifPresent(statistic -> statistics.put(statistic, each)));
        return new PreferenceLogProbs(
                each,
                loss.usesReference() ? each : TokenLogProbs.ofRows(),
                Labels.of(batch.labels()),
                statistics,
                loss.needs().contains(Need.MISMATCHED) ? Collections.nCopies(shape.rows(), 0.0) : List.of());
    }
}
