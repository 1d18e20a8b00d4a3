package dpo.harness.run;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.Label;
import dpo.core.sequence.TokenSequence;
import dpo.harness.store.PerCompletion;
import dpo.harness.store.Sha256;
import dpo.train.ScoredPreference;
import dpo.train.ScoredSet;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A line of {@code pairs.jsonl}, from which objectives and metrics of whole completions and turns can be recomputed
 * without a model. One line per preference and evaluation:
 *
 * <pre>
 *  {"step": 10, "pair": "row-7", "prompt": "5f3a9c01d2", "group": "all", "weight": 1.0, "ratings": […],
 *   "policy":    {"chosen": −12.5, "rejected": −13.0, "chosen_turns": [−4.5, −8.0], "rejected_turns": [−13.0]},
 *   "reference": {…},
 *   "tokens":    {"chosen": 9, "rejected": 7},
 *   "turns":     {"chosen": [3, 6], "rejected": [7]}}
 * </pre>
 *
 * {@code prompt} identifies the prompt of the pair by ten digits of the SHA-256 of its tokens. Log-probabilities in nats.
 * A list or a label has {@code completions} and {@code completions_turns}, lists over its completions, instead of the
 * two sides. {@code set} is the name of the evaluation set, if it has one. {@code ratings} is present if the data have
 * them; token statistics (as {@code policy}) and {@code mismatched}, a list over the completions, if the objective needs
 * them; {@code reference} if it uses one.
 */
public record StoredScores(
        int step,
        Optional<String> set,
        String pair,
        String prompt,
        String group,
        double weight,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Double> ratings,
        Sums policy,
        Optional<Sums> reference,
        @JsonAnyGetter Map<String, Sums> statistics,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Double> mismatched,
        PerCompletion<Integer> tokens,
        PerCompletion<List<Integer>> turns) {

    private static final int PROMPT_DIGITS = 10;

    /** A model's log-probabilities or statistics, summed over whole completions and over each of their turns. */
    public record Sums(
            @JsonUnwrapped PerCompletion<Double> whole,
            @JsonUnwrapped(suffix = "_turns") PerCompletion<List<Double>> turns) {

        private static Sums of(PreferenceLogProbs all, TokenLogProbs model, int j) {
            return new Sums(perCompletion(all, j, model::sum), perCompletion(all, j, row -> IntStream.range(
                            0, model.shape().turns(row))
                    .mapToObj(turn -> model.turnSum(row, turn))
                    .toList()));
        }
    }

    /** The lines of an evaluation set after a number of optimizer steps, in the order of the data. */
    public static List<StoredScores> of(int step, ScoredSet scored) {
        Optional<String> set = Optional.of(scored.set().name()).filter(name -> !name.isEmpty());
        return scored.preferences().stream().map(each -> of(step, set, each)).toList();
    }

    private static StoredScores of(int step, Optional<String> set, ScoredPreference scored) {
        PreferenceLogProbs logProbs = scored.logProbs();
        int j = scored.index();
        Label label = logProbs.labels().get(j);
        Map<String, Sums> statistics = new LinkedHashMap<>();
        logProbs.statistics()
                .forEach((statistic, values) -> statistics.put(statistic.key(), Sums.of(logProbs, values, j)));
        TokenShape shape = logProbs.policy().shape();
        return new StoredScores(
                step,
                set,
                scored.preference().id(),
                prompt(scored.preference().first()),
                label.group(),
                label.weight(),
                label.ratings(),
                Sums.of(logProbs, logProbs.policy(), j),
                logProbs.hasReference() ? Optional.of(Sums.of(logProbs, logProbs.reference(), j)) : Optional.empty(),
                statistics,
                logProbs.mismatched().isEmpty()
                        ? List.of()
                        : logProbs.mismatched().subList(logProbs.first(j), logProbs.first(j + 1)),
                perCompletion(logProbs, j, shape::tokens),
                perCompletion(logProbs, j, row -> turnLengths(shape, row)));
    }

    private static String prompt(TokenSequence sequence) {
        int length = sequence.turns().get(0).start();
        ByteBuffer tokens = ByteBuffer.allocate(Integer.BYTES * length);
        for (int i = 0; i < length; i++) {
            tokens.putInt(sequence.id(i));
        }
        return Sha256.of(tokens.array()).substring(0, PROMPT_DIGITS);
    }

    private static List<Integer> turnLengths(TokenShape shape, int row) {
        return IntStream.range(0, shape.turns(row))
                .mapToObj(turn -> shape.turnEnd(row, turn) - shape.turnStart(row, turn))
                .toList();
    }

    private static <T> PerCompletion<T> perCompletion(PreferenceLogProbs all, int j, IntFunction<T> ofRow) {
        return PerCompletion.of(
                IntStream.range(all.first(j), all.first(j + 1)).mapToObj(ofRow).toList());
    }
}
