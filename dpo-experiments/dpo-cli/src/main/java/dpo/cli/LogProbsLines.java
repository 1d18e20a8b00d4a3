package dpo.cli;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.harness.store.CompletionKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The lines of {@code dpo logprobs}, one a preference: ids and log-probabilities of all scored tokens under one model, with
 * the names that {@code dpo objective} reads under {@code policy} and {@code reference}.
 */
final class LogProbsLines {

    private LogProbsLines() {}

    /**
     * The lines of a batch.
     *
     * @param from number of the first preference in its data set
     * @param logProbs a row a completion
     */
    static List<Map<String, Object>> of(int from, PreferenceBatch batch, TokenLogProbs logProbs) {
        List<Map<String, Object>> lines = new ArrayList<>();
        int row = 0;
        for (Preference preference : batch.preferences()) {
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < preference.completions().size(); i++) {
                values.add(DoubleStream.of(logProbs.row(row)).boxed().toList());
                row++;
            }
            lines.add(line(from + lines.size(), preference, values));
        }
        return lines;
    }

    private static Map<String, Object> line(int number, Preference preference, List<Object> logProbs) {
        List<Object> prompts = each(
                preference,
                sequence -> boxed(
                        Arrays.copyOf(sequence.ids(), sequence.turns().get(0).start())));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("row", number);
        line.put("pair", preference.id());
        // Truncation may cut the prompt of one side alone.
        line.put(
                "prompt_ids",
                prompts.stream().distinct().count() == 1 ? prompts.get(0) : CompletionKeys.named(prompts));
        line.putAll(CompletionKeys.named(
                each(preference, sequence -> boxed(sequence.scoredIds())), "_ids", "completion_ids"));
        line.putAll(CompletionKeys.named(logProbs));
        if (!preference.label().ratings().isEmpty()) {
            line.put("ratings", preference.label().ratings());
        }
        if (!preference.label().group().equals(Label.ONLY_GROUP)) {
            line.put("group", preference.label().group());
        }
        if (preference.label().weight() != 1) {
            line.put("weight", preference.label().weight());
        }
        if (preference.completions().stream()
                .anyMatch(sequence -> sequence.turns().size() > 1)) {
            line.put("turns", CompletionKeys.named(each(preference, LogProbsLines::turns)));
        }
        return line;
    }

    private static List<Object> each(Preference preference, Function<TokenSequence, Object> value) {
        return preference.completions().stream().map(value).toList();
    }

    private static List<Integer> boxed(int[] ids) {
        return IntStream.of(ids).boxed().toList();
    }

    private static List<Integer> turns(TokenSequence sequence) {
        return sequence.turns().stream().map(TokenSequence.Span::length).toList();
    }
}
