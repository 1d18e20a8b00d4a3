package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;

/** Derivatives by differences, the slow and obvious way. */
final class Differences {

    private static final double STEP = 1e-3;

    private Differences() {}

    /** ∂value/∂log πθ of every token, chosen rows first; central differences of the fourth order. */
    static double[] ofLoss(PreferenceLoss loss, PreferenceLogProbs at, Normalizer normalizer) {
        int chosenTokens = at.policyChosen().shape().tokens();
        double[] slopes = new double[chosenTokens + at.policyRejected().shape().tokens()];
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
        int chosenTokens = at.policyChosen().shape().tokens();
        TokenLogProbs chosen = token < chosenTokens ? moved(at.policyChosen(), token, step) : at.policyChosen();
        TokenLogProbs rejected =
                token < chosenTokens ? at.policyRejected() : moved(at.policyRejected(), token - chosenTokens, step);
        PreferenceLogProbs moved = new PreferenceLogProbs(
                chosen, rejected, at.referenceChosen(), at.referenceRejected(), at.groups(), at.weights());
        return loss.evaluate(moved, normalizer).value();
    }

    private static TokenLogProbs moved(TokenLogProbs logProbs, int token, double step) {
        double[] values = logProbs.toArray();
        values[token] += step;
        return TokenLogProbs.of(logProbs.shape(), values);
    }
}
