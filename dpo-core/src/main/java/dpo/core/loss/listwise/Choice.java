package dpo.core.loss.listwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.logSumExp;
import static dpo.core.numeric.LogSpace.sigmoid;

import java.util.Arrays;

/** The choice of one completion among it and those ranked after it, with odds exp(βs). */
final class Choice {

    private Choice() {}

    /**
     * {@code −log(exp(βs_first) / Σ_{k ≥ first} exp(βs_k)) = −log σ(−d)}, {@code d = log Σ_{k > first} exp(β(s_k −
     * s_first))}.
     *
     * @param slopes the derivatives with respect to the scores are added to it
     */
    static double loss(double beta, double[] scores, int first, double[] slopes) {
        double[] others = Arrays.stream(scores, first + 1, scores.length)
                .map(score -> beta * (score - scores[first]))
                .toArray();
        double d = logSumExp(others);
        double slope = beta * sigmoid(d);
        slopes[first] -= slope;
        for (int k = 0; k < others.length; k++) {
            slopes[first + 1 + k] += slope * Math.exp(others[k] - d);
        }
        return -logSigmoid(-d);
    }
}
