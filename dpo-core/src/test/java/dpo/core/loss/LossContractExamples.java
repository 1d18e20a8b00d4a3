package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.sequence.Label;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** Variants of the examples of a {@link LossContract}. */
final class LossContractExamples {

    private LossContractExamples() {}

    /** The evaluation with another weight for all preferences but the first two. */
    static LossEvaluation weighted(PreferenceLoss loss, PreferenceLogProbs logProbs, double weight) {
        double[] weights =
                logProbs.labels().all().stream().mapToDouble(Label::weight).toArray();
        Arrays.fill(weights, 2, weights.length, weight);
        PreferenceLogProbs changed = logProbs.withWeights(weights);
        return loss.evaluate(changed, Normalizer.of(changed));
    }

    /** One more token in the last turn of every completion, with equal log-probabilities in all. */
    static PreferenceLogProbs withSharedToken(PreferenceLogProbs all) {
        int[][] turns = all.policy().shape().turnLengths();
        Arrays.stream(turns).forEach(lengths -> lengths[lengths.length - 1]++);
        TokenShape shape = TokenShape.ofTurns(turns);
        Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(TokenStatistic.class);
        all.statistics()
                .forEach((name, values) ->
                        statistics.put(name, withLast(values, shape, name == TokenStatistic.REFERENCE_KL ? 0.25 : -1)));
        return new PreferenceLogProbs(
                withLast(all.policy(), shape, -0.5),
                withLast(all.reference(), shape, -1.5),
                all.labels(),
                statistics,
                all.mismatched());
    }

    static TokenLogProbs withLast(TokenLogProbs rows, TokenShape shape, double last) {
        double[] values = new double[shape.tokens()];
        for (int row = 0; row < shape.rows(); row++) {
            System.arraycopy(rows.row(row), 0, values, shape.start(row), rows.tokens(row));
            values[shape.end(row) - 1] = last;
        }
        return TokenLogProbs.of(shape, values);
    }
}
