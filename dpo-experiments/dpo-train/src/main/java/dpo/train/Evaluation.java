package dpo.train;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.MetricSet;
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
 * Computes the metrics of a policy on held-out preferences ({@code eval/…}) and its exact reward and KL divergence in a
 * controlled world ({@code world/…}).
 */
final class Evaluation {

    private final TrainingSettings settings;
    private final List<Preference> preferences;
    private final Optional<Scorer> scorer;
    private final BooleanSupplier stopRequested;

    /**
     * @param settings objective and micro-batches
     * @param preferences held-out preferences; may be empty
     * @param scorer scores the held-out preferences; empty without any
     * @param stopRequested checked before each micro-batch
     */
    Evaluation(
            TrainingSettings settings,
            List<Preference> preferences,
            Optional<Scorer> scorer,
            BooleanSupplier stopRequested) {
        this.settings = settings;
        this.preferences = preferences;
        this.scorer = scorer;
        this.stopRequested = stopRequested;
    }

    /**
     * Evaluates a policy with its current parameters.
     *
     * @param carried state of the objective after the last optimizer step
     * @throws StopRequested if a stop was requested
     */
    EvaluationReport of(Policy policy, int step, Map<String, Double> carried, Progress progress) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        List<ScoredPreference> scored = new ArrayList<>();
        if (scorer.isPresent()) {
            onPreferences(scorer.get(), step, carried, metrics, scored, progress);
        }
        policy.exactEvaluation().ifPresent(world -> metrics.putAll(inWorld(world)));
        return new EvaluationReport(step, metrics, scored);
    }

    private void onPreferences(
            Scorer scores,
            int step,
            Map<String, Double> carried,
            Map<String, Double> into,
            List<ScoredPreference> scored,
            Progress progress) {
        PreferenceLoss loss = settings.loss();
        Normalizer normalizer = Normalizer.of(preferences, Normalizer.sharesOf(preferences))
                .carrying(carried)
                .forEvaluation();
        MetricSet metrics = new MetricSet(loss, settings.metrics());
        boolean atOnce = loss.needs().contains(Need.WHOLE_STEP);
        List<PreferenceLogProbs> all = new ArrayList<>();
        double value = 0;
        progress.begin("evaluation at step " + step, preferences.size());
        int done = 0;
        SortedMap<Integer, ScoredPreference> inOrder = new TreeMap<>();
        for (List<Integer> indices : settings.microBatches().cut(Preference.distinctTokens(preferences))) {
            StopRequested.throwIf(stopRequested);
            PreferenceLogProbs logProbs = scores.score(indices);
            if (atOnce) {
                all.add(logProbs);
            } else {
                value += loss.evaluate(logProbs, normalizer).value();
            }
            metrics.add(logProbs);
            for (int i = 0; i < indices.size(); i++) {
                inOrder.put(indices.get(i), new ScoredPreference(preferences.get(indices.get(i)), logProbs, i));
            }
            done += indices.size();
            progress.at(done, "");
        }
        scored.addAll(inOrder.values());
        progress.end();
        into.put(
                "eval/loss",
                atOnce
                        ? loss.evaluate(PreferenceLogProbs.joined(all), normalizer)
                                .value()
                        : value);
        metrics.values().forEach((name, number) -> into.put("eval/" + name, number));
    }

    /**
     * Expected reward and KL(πθ ‖ π_ref) of the policy over prompts and whole completions, the optimal reward at this
     * KL, and the difference of the two rewards.
     */
    private static Map<String, Double> inWorld(ExactEvaluation world) {
        RewardAndKl policy = world.policy();
        double best = Frontier.rewardAt(world, policy.kl());
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("world/reward", policy.reward());
        metrics.put("world/kl", policy.kl());
        metrics.put("world/optimal_reward", best);
        metrics.put("world/gap", best - policy.reward());
        return metrics;
    }
}
