package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenShape;

/**
 * An objective that is a mean over pairs of a function of two scores:
 *
 * <pre>  L = (1/N) Σ_j weight_j · ℓ(s_w, s_l),   s = Σ_t (log πθ(y_t) − log π_ref(y_t))</pre>
 *
 * where the {@link Reduction} may take the mean over tokens in place of the sum.
 *
 * An implementation gives ℓ and its two partial derivatives; reduction, weights and the chain rule are here.
 */
public interface PairwiseLoss extends PreferenceLoss {

    /** How token log-ratios become the scores s_w and s_l. */
    Reduction reduction();

    /**
     * ℓ and its partial derivatives at one pair.
     *
     * @param chosen score s_w of the chosen completion, nats
     * @param rejected score s_l of the rejected completion, nats
     */
    PairTerm pair(double chosen, double rejected);

    /**
     * ℓ of one pair.
     *
     * @param value ℓ(s_w, s_l)
     * @param chosenSlope ∂ℓ/∂s_w
     * @param rejectedSlope ∂ℓ/∂s_l
     */
    record PairTerm(double value, double chosenSlope, double rejectedSlope) {

        /** A term that depends on the margin s_w − s_l alone. */
        public static PairTerm ofMargin(double value, double slope) {
            return new PairTerm(value, slope, -slope);
        }
    }

    @Override
    default LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        int pairs = logProbs.pairs();
        TokenShape chosenShape = logProbs.policyChosen().shape();
        TokenShape rejectedShape = logProbs.policyRejected().shape();
        double[] chosenGradient = new double[pairs];
        double[] rejectedGradient = new double[pairs];
        double value = 0;
        for (int j = 0; j < pairs; j++) {
            double chosenFactor = reduction().tokenFactor(chosenShape.tokens(j));
            double rejectedFactor = reduction().tokenFactor(rejectedShape.tokens(j));
            PairTerm term = pair(
                    chosenFactor * logProbs.policyChosen().logRatio(logProbs.referenceChosen(), j),
                    rejectedFactor * logProbs.policyRejected().logRatio(logProbs.referenceRejected(), j));
            double share = logProbs.weights().get(j) / normalizer.pairs();
            value += share * term.value();
            chosenGradient[j] = share * chosenFactor * term.chosenSlope();
            rejectedGradient[j] = share * rejectedFactor * term.rejectedSlope();
        }
        return new LossEvaluation(
                value,
                TokenGradient.ofRowSums(chosenShape, chosenGradient),
                TokenGradient.ofRowSums(rejectedShape, rejectedGradient));
    }
}
