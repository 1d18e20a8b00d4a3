package dpo.experiments.train;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.core.sequence.Preference;
import dpo.data.batch.MicroBatches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * The metrics of a policy on held-out preferences ({@code eval/…}), and its exact place in a world whose true reward is known
 * ({@code world/…}).
 */
final class Evaluation {

    private final PreferenceLoss loss;
    private final List<Preference> preferences;
    private final Optional<Scorer> scorer;
    private final MicroBatches microBatches;
    private final BooleanSupplier stopRequested;

    /**
     * @param loss the objective
     * @param preferences held out; may be none
     * @param scorer of these; empty where there are none
     * @param microBatches which are scored at a time
     * @param stopRequested asked before each of them
     */
    Evaluation(
            PreferenceLoss loss,
            List<Preference> preferences,
            Optional<Scorer> scorer,
            MicroBatches microBatches,
            BooleanSupplier stopRequested) {
        this.loss = loss;
        this.preferences = preferences;
        this.scorer = scorer;
        this.microBatches = microBatches;
        this.stopRequested = stopRequested;
    }

    /**
     * What an evaluation finds.
     *
     * @param metrics by name
     * @param pairLines a line a held-out preference, in the order of the data, see {@link StoredScores}
     */
    record Findings(Map<String, Double> metrics, List<Map<String, Object>> pairLines) {}

    /**
     * Evaluates a policy as it stands.
     *
     * @param carried what the objective carries from the last optimizer step
     * @throws StopRequested where one is
     */
    Findings of(Policy policy, int step, Map<String, Double> carried, Progress progress) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        List<Map<String, Object>> lines = new ArrayList<>();
        if (scorer.isPresent()) {
            onPreferences(scorer.get(), step, carried, metrics, lines, progress);
        }
        policy.exactEvaluation().ifPresent(world -> metrics.putAll(inWorld(world)));
        return new Findings(metrics, lines);
    }

    private void onPreferences(
            Scorer scores,
            int step,
            Map<String, Double> carried,
            Map<String, Double> into,
            List<Map<String, Object>> lines,
            Progress progress) {
        Normalizer normalizer = Normalizer.of(preferences, TrainingData.groupShares(preferences))
                .carrying(carried)
                .forEvaluation();
        PreferenceMetrics metrics = new PreferenceMetrics(loss);
        boolean atOnce = loss.needs().contains(Need.WHOLE_STEP);
        List<PreferenceLogProbs> all = new ArrayList<>();
        double value = 0;
        progress.begin("evaluation at step " + step, preferences.size());
        int done = 0;
        Map<Integer, Map<String, Object>> inOrder = new TreeMap<>();
        for (List<Integer> indices : microBatches.cut(TrainingData.tokens(preferences))) {
            StopRequested.throwIf(stopRequested);
            PreferenceLogProbs logProbs = scores.score(indices);
            if (atOnce) {
                all.add(logProbs);
            } else {
                value += loss.evaluate(logProbs, normalizer).value();
            }
            metrics.add(logProbs);
            List<Map<String, Object>> stored = StoredScores.lines(step, scores.batch(indices), logProbs);
            IntStream.range(0, indices.size()).forEach(i -> inOrder.put(indices.get(i), stored.get(i)));
            done += indices.size();
            progress.at(done, "");
        }
        lines.addAll(inOrder.values());
        progress.end();
        into.put(
                "eval/loss",
                atOnce ? loss.evaluate(PreferenceLogProbs.joined(all), normalizer).value() : value);
        metrics.values().forEach((name, number) -> into.put("eval/" + name, number));
    }

    /**
     * Reward and KL(πθ ‖ π_ref) of the policy, both expected over prompts and whole completions, the best reward at
     * that KL, and what the policy's is short of it.
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
