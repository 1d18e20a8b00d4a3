package dpo.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.harness.store.PerCompletion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The output of {@code dpo logprobs}, one line per preference: ids and log-probabilities of all scored tokens under one
 * model, with the keys that {@code dpo objective} reads.
 */
final class LogProbsLines {

    private LogProbsLines() {}

    /**
     * A line.
     *
     * @param promptIds ids of the prompt, or of each completion's prompt if truncation has shortened them differently
     * @param group absent for the default group
     * @param weight absent if 1
     * @param turns tokens of each turn; absent if every completion has one
     */
    record Line(
            int row,
            String pair,
            Object promptIds,
            Optional<List<Integer>> chosenIds,
            Optional<List<Integer>> rejectedIds,
            Optional<List<List<Integer>>> completionIds,
            Optional<List<Double>> chosen,
            Optional<List<Double>> rejected,
            Optional<List<List<Double>>> completions,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Double> ratings,
            Optional<String> group,
            Optional<Double> weight,
            Optional<PerCompletion<List<Integer>>> turns) {}

    /**
     * The lines of a batch.
     *
     * @param from number of the first preference in its data set
     * @param logProbs one row per completion
     */
    static List<Line> of(int from, PreferenceBatch batch, TokenLogProbs logProbs) {
        List<Line> lines = new ArrayList<>();
        int row = 0;
        for (Preference preference : batch.preferences()) {
            int first = row;
            row += preference.completions().size();
            List<List<Double>> values = IntStream.range(first, row)
                    .mapToObj(i -> DoubleStream.of(logProbs.row(i)).boxed().toList())
                    .toList();
            lines.add(line(from + lines.size(), preference, PerCompletion.of(values)));
        }
        return lines;
    }

    private static Line line(int number, Preference preference, PerCompletion<List<Double>> logProbs) {
        List<List<Integer>> prompts = each(
                preference,
                sequence -> boxed(
                        Arrays.copyOf(sequence.ids(), sequence.turns().get(0).start())));
        PerCompletion<List<Integer>> ids = PerCompletion.of(each(preference, sequence -> boxed(sequence.scoredIds())));
        List<List<Integer>> turns = each(preference, LogProbsLines::turns);
        Label label = preference.label();
        return new Line(
                number,
                preference.id(),
                prompts.stream().distinct().count() == 1 ? prompts.get(0) : PerCompletion.of(prompts),
                ids.chosen(),
                ids.rejected(),
                ids.completions(),
                logProbs.chosen(),
                logProbs.rejected(),
                logProbs.completions(),
                label.ratings(),
                Optional.of(label.group()).filter(group -> !group.equals(Label.ONLY_GROUP)),
                Optional.of(label.weight()).filter(weight -> weight != 1),
                Optional.of(PerCompletion.of(turns))
                        .filter(each -> turns.stream().anyMatch(lengths -> lengths.size() > 1)));
    }

    private static List<List<Integer>> each(Preference preference, Function<TokenSequence, List<Integer>> value) {
        return preference.completions().stream().map(value).toList();
    }

    private static List<Integer> boxed(int[] ids) {
        return IntStream.of(ids).boxed().toList();
    }

    private static List<Integer> turns(TokenSequence sequence) {
        return sequence.turns().stream().map(TokenSequence.Span::length).toList();
    }
}
