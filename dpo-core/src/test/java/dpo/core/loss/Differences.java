package dpo.core.loss;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;

/** Derivatives by differences, the slow and obvious way. */
public final class Differences {

    private static final double STEP = 1e-3;

    private Differences() {}

    /** ∂value/∂log πθ of every token, row after row; central differences of the fourth order. */
    public static double[] ofLoss(PreferenceLoss loss, PreferenceLogProbs at, Normalizer normalizer) {
        double[] slopes = new double[at.policy().shape().tokens()];
        for (int i = 0; i < slopes.length; i++) {
            int token = i;
            slopes[i] = (8 * (value(loss, at, normalizer, token, STEP) - value(loss, at, normalizer, token, -STEP))
                            - (value(loss, at, normalizer, token, 2 * STEP)
                                    - value(loss, at, normalizer, token, -2 * STEP)))
                    / (12 * STEP);
        }
        return slopes;
    }

    private static double value(
            PreferenceLoss loss, PreferenceLogProbs at, Normalizer normalizer, int token, double step) {
        double[] values = at.policy().toArray();
        values[token] += step;
        return loss.evaluate(PreferenceExamples.withPolicy(at, values), normalizer).value();
    }
}
