package dpo.experiments.train;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.PreferencePair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The metrics of a policy on held-out pairs ({@code eval/…}), and its exact place in a world whose true reward is known
 * ({@code world/…}).
 */
final class Evaluation {

    private final PreferenceLoss loss;
    private final List<PreferencePair> pairs;
    private final ReferenceLogProbs reference;
    private final int batchSize;

    Evaluation(PreferenceLoss loss, List<PreferencePair> pairs, ReferenceLogProbs reference, int batchSize) {
        this.loss = loss;
        this.pairs = pairs;
        this.reference = reference;
        this.batchSize = batchSize;
    }

    /**
     * What an evaluation finds.
     *
     * @param metrics by name
     * @param pairLines a line a held-out pair: its summed log-probabilities under policy and reference, and of each turn
     */
    record Findings(Map<String, Double> metrics, List<Map<String, Object>> pairLines) {}

    Findings of(Policy policy, int step, Progress progress) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        List<Map<String, Object>> lines = new ArrayList<>();
        if (!pairs.isEmpty()) {
            onPairs(policy, step, metrics, lines, progress);
        }
        policy.exactEvaluation().ifPresent(world -> metrics.putAll(inWorld(world)));
        return new Findings(metrics, lines);
    }

    private void onPairs(
            Policy policy, int step, Map<String, Double> into, List<Map<String, Object>> lines, Progress progress) {
        Normalizer normalizer = Normalizer.of(pairs, TrainingData.groupShares(pairs));
        PreferenceMetrics metrics = new PreferenceMetrics(loss.rewardScale());
        double value = 0;
        progress.begin("evaluation at step " + step, pairs.size());
        for (int from = 0; from < pairs.size(); from += batchSize) {
            List<Integer> indices =
                    IntStream.range(from, Math.min(pairs.size(), from + batchSize)).boxed().toList();
            PreferenceBatch batch = new PreferenceBatch(indices.stream().map(pairs::get).toList());
            PreferenceLogProbs logProbs =
                    PreferenceLogProbs.of(batch, policy.logProbs(batch.sequences()), reference.of(batch, indices));
            value += loss.evaluate(logProbs, normalizer).value();
            metrics.add(logProbs);
            for (int j = 0; j < batch.size(); j++) {
                lines.add(line(step, batch.pairs().get(j), logProbs, j));
            }
            progress.at(from + batch.size(), "");
        }
        progress.end();
        into.put("eval/loss", value);
        metrics.values().forEach((name, number) -> into.put("eval/" + name, number));
    }

    private static Map<String, Object> line(int step, PreferencePair pair, PreferenceLogProbs logProbs, int j) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("pair", pair.id());
        line.put("group", pair.group());
        line.put("weight", pair.weight());
        line.put("policy", sides(logProbs.policyChosen(), logProbs.policyRejected(), j));
        line.put("reference", sides(logProbs.referenceChosen(), logProbs.referenceRejected(), j));
        line.put("tokens", Map.of("chosen", pair.chosen().scoredTokens(), "rejected", pair.rejected().scoredTokens()));
        return line;
    }

    private static Map<String, Object> sides(TokenLogProbs chosen, TokenLogProbs rejected, int j) {
        Map<String, Object> sides = new LinkedHashMap<>();
        sides.put("chosen", chosen.sum(j));
        sides.put("rejected", rejected.sum(j));
        sides.put("chosen_turns", turns(chosen, j));
        sides.put("rejected_turns", turns(rejected, j));
        return sides;
    }

    private static List<Double> turns(TokenLogProbs logProbs, int row) {
        return IntStream.range(0, logProbs.shape().turns(row)).mapToObj(turn -> logProbs.turnSum(row, turn)).toList();
    }

    /** Reward and KL of the policy, the best reward at that KL, and what is missing to it. */
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
