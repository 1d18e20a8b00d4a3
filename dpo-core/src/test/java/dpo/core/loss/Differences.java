package dpo.core.loss;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenStatistic;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Derivatives by finite differences. */
public final class Differences {

    private static final double STEP = 1e-3;

    private Differences() {}

    /** ∂value/∂log πθ of every token, row after row; central differences of the fourth order. */
    public static double[] ofLoss(PreferenceLoss loss, PreferenceLogProbs at, Normalizer normalizer) {
        return slopes(
                at.policy().toArray(), values -> loss.evaluate(PreferenceExamples.withPolicy(at, values), normalizer)
                        .value());
    }

    /** ∂value/∂statistic of every token, as {@link #ofLoss}. */
    public static double[] ofLoss(
            PreferenceLoss loss, PreferenceLogProbs at, Normalizer normalizer, TokenStatistic statistic) {
        return slopes(at.statistics().get(statistic).toArray(), values -> loss.evaluate(
                        PreferenceExamples.withStatistic(at, statistic, values), normalizer)
                .value());
    }

    private static double[] slopes(double[] at, ToDoubleFunction<double[]> function) {
        double[] slopes = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            int token = i;
            DoubleUnaryOperator moved = step -> {
                double[] values = at.clone();
                values[token] += step;
                return function.applyAsDouble(values);
            };
            slopes[i] = (8 * (moved.applyAsDouble(STEP) - moved.applyAsDouble(-STEP))
                            - (moved.applyAsDouble(2 * STEP) - moved.applyAsDouble(-2 * STEP)))
                    / (12 * STEP);
        }
        return slopes;
    }
}
