package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.MetricSet;
import dpo.core.metric.PreferenceMetric;
import dpo.core.sequence.Preference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * An evaluation set with its log-probabilities under policy and reference, from which the losses and metrics of any
 * number of objectives are computed.
 */
public final class ScoredSet {

    /** Name of the objective's value among the metrics of a set. */
    static final String LOSS = "loss";

    private final EvaluationSet set;
    private final List<List<Integer>> microBatches;
    private final List<PreferenceLogProbs> logProbs = new ArrayList<>();

    private ScoredSet(EvaluationSet set, List<List<Integer>> microBatches) {
        this.set = set;
        this.microBatches = microBatches;
    }

    /**
     * Scores a set as an evaluation during training does.
     *
     * @param settings the objective, whose needs are computed, and the micro-batches
     * @param policy the policy in its current state
     * @param referenceModel the model of the reference, if the objective needs more of it than log-probabilities
     * @param references gives the log-probabilities of the reference, if the objective uses one
     * @param stopRequested checked before each micro-batch
     * @throws StopRequested if a stop was requested
     */
    public static ScoredSet of(
            EvaluationSet set,
            TrainingSettings settings,
            Policy policy,
            Optional<Policy> referenceModel,
            References references,
            Progress progress,
            BooleanSupplier stopRequested) {
        Scorer scorer = new Scorer(settings, policy, referenceModel, set.preferences(), references);
        return of(set, settings, scorer, "evaluation", progress, stopRequested);
    }

    static ScoredSet of(
            EvaluationSet set,
            TrainingSettings settings,
            Scorer scorer,
            String task,
            Progress progress,
            BooleanSupplier stopRequested) {
        List<Preference> preferences = set.preferences();
        ScoredSet scored = new ScoredSet(set, settings.microBatches().cut(Preference.distinctTokens(preferences)));
        progress.begin(task + (set.name().isEmpty() ? "" : " of " + set.name()), preferences.size());
        int done = 0;
        for (List<Integer> indices : scored.microBatches) {
            StopRequested.throwIf(stopRequested);
            scored.logProbs.add(scorer.score(indices));
            done += indices.size();
            progress.at(done, "");
        }
        progress.end();
        return scored;
    }

    /** The set. */
    public EvaluationSet set() {
        return set;
    }

    /**
     * {@code loss} and the metrics of an objective on the whole set, by name without {@link EvaluationSet#prefix}.
     *
     * @param loss an objective whose needs were computed
     * @param custom metrics in addition to the built-in ones
     * @param carried state of the objective after the last optimizer step
     */
    public Map<String, Double> metrics(
            PreferenceLoss loss, List<PreferenceMetric> custom, Map<String, Double> carried) {
        MetricSet metrics = new MetricSet(loss, custom);
        logProbs.forEach(metrics::add);
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(LOSS, loss(loss, normalizer(carried)));
        values.putAll(metrics.values());
        return values;
    }

    private double loss(PreferenceLoss loss, Normalizer normalizer) {
        if (loss.needs().contains(Need.WHOLE_STEP)) {
            return loss.evaluate(PreferenceLogProbs.joined(logProbs), normalizer)
                    .value();
        }
        double value = 0;
        for (PreferenceLogProbs part : logProbs) {
            value += loss.evaluate(part, normalizer).value();
        }
        return value;
    }

    /** The denominators of a loss over the whole set, with the state of the objective. */
    public Normalizer normalizer(Map<String, Double> carried) {
        return Normalizer.of(set.preferences(), Normalizer.sharesOf(set.preferences()))
                .carrying(carried)
                .forEvaluation();
    }

    /** The preferences with their log-probabilities, in the order of the data. */
    public List<ScoredPreference> preferences() {
        SortedMap<Integer, ScoredPreference> inOrder = new TreeMap<>();
        for (int batch = 0; batch < logProbs.size(); batch++) {
            List<Integer> indices = microBatches.get(batch);
            for (int i = 0; i < indices.size(); i++) {
                Preference preference = set.preferences().get(indices.get(i));
                inOrder.put(indices.get(i), new ScoredPreference(preference, logProbs.get(batch), i));
            }
        }
        return List.copyOf(inOrder.values());
    }
}
