package dpo.harness.run;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.Label;
import dpo.harness.store.CompletionKeys;
import dpo.train.ScoredPreference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The lines of {@code pairs.jsonl}, from which objectives and metrics of whole completions and turns can be recomputed
 * without a model. One line per preference and evaluation:
 *
 * <pre>
 *  {"step": 10, "pair": "row-7", "group": "all", "weight": 1.0, "ratings": […],
 *   "policy":    {"chosen": −12.5, "rejected": −13.0, "chosen_turns": [−4.5, −8.0], "rejected_turns": [−13.0]},
 *   "reference": {…},
 *   "tokens":    {"chosen": 9, "rejected": 7},
 *   "turns":     {"chosen": [3, 6], "rejected": [7]}}
 * </pre>
 *
 * Log-probabilities in nats. A list or a label has {@code completions} and {@code completions_turns}, lists over its
 * completions, in place of the two sides. {@code ratings} is present if the data have them; token statistics (as
 * {@code policy}) and {@code mismatched}, a list over the completions, if the objective needs them; {@code reference}
 * if it uses one.
 */
final class StoredScores {

    private StoredScores() {}

    static Map<String, Object> line(int step, ScoredPreference scored) {
        PreferenceLogProbs logProbs = scored.logProbs();
        int j = scored.index();
        Label label = logProbs.labels().get(j);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("pair", scored.preference().id());
        line.put("group", label.group());
        line.put("weight", label.weight());
        if (!label.ratings().isEmpty()) {
            line.put("ratings", label.ratings());
        }
        line.put("policy", sums(logProbs, logProbs.policy(), j));
        if (logProbs.hasReference()) {
            line.put("reference", sums(logProbs, logProbs.reference(), j));
        }
        logProbs.statistics().forEach((statistic, values) -> line.put(statistic.key(), sums(logProbs, values, j)));
        if (!logProbs.mismatched().isEmpty()) {
            line.put("mismatched", logProbs.mismatched().subList(logProbs.first(j), logProbs.first(j + 1)));
        }
        TokenShape shape = logProbs.policy().shape();
        line.put("tokens", byCompletion(logProbs, j, "", shape::tokens));
        line.put("turns", byCompletion(logProbs, j, "", row -> turnLengths(shape, row)));
        return line;
    }

    private static Map<String, Object> sums(PreferenceLogProbs all, TokenLogProbs model, int j) {
        Map<String, Object> sums = byCompletion(all, j, "", model::sum);
        sums.putAll(byCompletion(
                all, j, "_turns", row -> IntStream.range(0, model.shape().turns(row))
                        .mapToObj(turn -> model.turnSum(row, turn))
                        .toList()));
        return sums;
    }

    private static List<Integer> turnLengths(TokenShape shape, int row) {
        return IntStream.range(0, shape.turns(row))
                .mapToObj(turn -> shape.turnEnd(row, turn) - shape.turnStart(row, turn))
                .toList();
    }

    private static Map<String, Object> byCompletion(
            PreferenceLogProbs all, int j, String suffix, IntFunction<Object> ofRow) {
        List<Object> values =
                IntStream.range(all.first(j), all.first(j + 1)).mapToObj(ofRow).toList();
        return CompletionKeys.named(values, suffix, CompletionKeys.COMPLETIONS + suffix);
    }
}
