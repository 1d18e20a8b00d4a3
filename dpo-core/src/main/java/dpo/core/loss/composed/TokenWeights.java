package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The linear map from the tokens of a batch to weighted tokens, and its transpose. Runs of tokens have the same weight.
 * Turns of weight 0 are removed; other tokens remain, even with weight 0.
 */
final class TokenWeights {

    private final TokenShape full;
    private final TokenShape kept;
    private final List<Run> runs;

    /** Tokens {@code [start, end)} of a row; in the reduced shape they begin at {@code target}. */
    private record Run(int row, int start, int end, int target, double weight) {}

    private TokenWeights(TokenShape full, TokenShape kept, List<Run> runs) {
        this.full = full;
        this.kept = kept;
        this.runs = runs;
    }

    /**
     * All tokens, with a weight for the excess of each row.
     *
     * @param shared number of tokens of each row before its excess
     * @param weight of the excess
     */
    static TokenWeights ofExcess(TokenShape shape, int[] shared, double weight) {
        List<Run> runs = new ArrayList<>();
        for (int row = 0; row < shape.rows(); row++) {
            int start = shape.start(row);
            int excess = start + shared[row];
            runs.add(new Run(row, start, excess, start, 1));
            runs.add(new Run(row, excess, shape.end(row), excess, weight));
        }
        return new TokenWeights(shape, shape, runs);
    }

    /** The tokens of the turns whose weight is not 0. */
    static TokenWeights of(TokenShape shape, TurnWeights turns) {
        List<Run> runs = new ArrayList<>();
        int[][] lengths = shape.turnLengths();
        int target = 0;
        for (int row = 0; row < shape.rows(); row++) {
            int count = shape.turns(row);
            for (int turn = 0; turn < count; turn++) {
                double weight = turns.weight(turn, count);
                if (weight != 0) {
                    runs.add(new Run(row, shape.turnStart(row, turn), shape.turnEnd(row, turn), target, weight));
                    target += lengths[row][turn];
                } else {
                    lengths[row][turn] = 0;
                }
            }
            lengths[row] =
                    Arrays.stream(lengths[row]).filter(length -> length > 0).toArray();
        }
        return new TokenWeights(shape, TokenShape.ofTurns(lengths), runs);
    }

    /** Log-probabilities of both models and token statistics, multiplied by the weights. */
    PreferenceLogProbs apply(PreferenceLogProbs all) {
        Map<TokenStatistic, TokenLogProbs> statistics = new TreeMap<>();
        all.statistics().forEach((statistic, values) -> statistics.put(statistic, apply(values)));
        return new PreferenceLogProbs(
                apply(all.policy()),
                all.hasReference() ? apply(all.reference()) : all.reference(),
                all.labels(),
                statistics,
                all.mismatched());
    }

    private TokenLogProbs apply(TokenLogProbs logProbs) {
        return TokenLogProbs.filled(kept, values -> {
            for (Run run : runs) {
                int shift = run.target() - run.start();
                for (int i = run.start(); i < run.end(); i++) {
                    values[i + shift] = run.weight() * logProbs.at(i);
                }
            }
        });
    }

    /** The gradient with respect to the unweighted log-probabilities. */
    TokenGradient pullBack(TokenGradient gradient) {
        return TokenGradient.filled(full, values -> {
            for (Run run : runs) {
                int shift = run.target() - run.start();
                for (int i = run.start(); i < run.end(); i++) {
                    values[i] = run.weight() * gradient.at(run.row(), i + shift);
                }
            }
        });
    }
}
