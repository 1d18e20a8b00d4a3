package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The linear map from the tokens of a batch to weighted tokens, and its transpose. Turns of weight 0 do not exist on the
 * other side; any other token does, also where its weight is 0.
 */
final class TokenWeights {

    private final TokenShape full;
    private final TokenShape kept;
    private final double[] weights; // flat over the full shape
    private final int[] position; // in the kept shape, or -1

    private TokenWeights(TokenShape full, TokenShape kept, double[] weights, int[] position) {
        this.full = full;
        this.kept = kept;
        this.weights = weights;
        this.position = position;
    }

    /** All tokens, with a weight each. */
    static TokenWeights of(TokenShape shape, double[] weights) {
        int[] position = new int[shape.tokens()];
        Arrays.setAll(position, i -> i);
        return new TokenWeights(shape, shape, weights, position);
    }

    /** The tokens of the turns whose weight is not 0. */
    static TokenWeights of(TokenShape shape, TurnWeights turns) {
        double[] weights = new double[shape.tokens()];
        int[] position = new int[shape.tokens()];
        int[][] lengths = shape.turnLengths();
        int at = 0;
        for (int row = 0; row < shape.rows(); row++) {
            int count = shape.turns(row);
            for (int turn = 0; turn < count; turn++) {
                double weight = turns.weight(turn, count);
                for (int i = shape.turnStart(row, turn); i < shape.turnEnd(row, turn); i++) {
                    weights[i] = weight;
                    position[i] = weight == 0 ? -1 : at++;
                }
                lengths[row][turn] = weight == 0 ? 0 : lengths[row][turn];
            }
            lengths[row] = Arrays.stream(lengths[row]).filter(length -> length > 0).toArray();
        }
        return new TokenWeights(shape, TokenShape.ofTurns(lengths), weights, position);
    }

    /** Log-probabilities of both models, and token statistics, times the weights. */
    PreferenceLogProbs apply(PreferenceLogProbs all) {
        Map<TokenStatistic, TokenLogProbs> statistics = new TreeMap<>();
        all.statistics().forEach((statistic, values) -> statistics.put(statistic, apply(values)));
        return new PreferenceLogProbs(
                apply(all.policy()),
                apply(all.reference()),
                all.judgements(),
                statistics,
                all.mismatched());
    }

    private TokenLogProbs apply(TokenLogProbs logProbs) {
        double[] values = new double[kept.tokens()];
        for (int i = 0; i < position.length; i++) {
            if (position[i] >= 0) {
                values[position[i]] = weights[i] * logProbs.at(i);
            }
        }
        return TokenLogProbs.of(kept, values);
    }

    /** The gradient with respect to the unweighted log-probabilities. */
    TokenGradient pullBack(TokenGradient gradient) {
        double[] inner = gradient.toArray();
        double[] values = new double[full.tokens()];
        for (int i = 0; i < position.length; i++) {
            if (position[i] >= 0) {
                values[i] = weights[i] * inner[position[i]];
            }
        }
        return TokenGradient.of(full, values);
    }
}
