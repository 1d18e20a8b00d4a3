package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;

/**
 * An objective that is a mean over pairs of a function of the scores of their two completions:
 *
 * <pre>  L = (1/N) Σ_j weight_j · ℓ(c_w, c_l),   c = f(s) / L^(0 or 1),   s = Σ_t (log πθ(y_t) − log π_ref(y_t))</pre>
 *
 * The score c is the log-ratio s (or, where the {@link Baseline} says so, the policy's log-probability alone), seen
 * through a {@link Divergence} and divided by the number of tokens where the {@link Reduction} says so. An
 * implementation gives ℓ and its two partial derivatives; scores, weights and the chain rule are here.
 */
public interface PairwiseLoss extends PreferenceLoss {

    /** Whether scores are of whole completions or per token; of whole ones where an objective does not say. */
    default Reduction reduction() {
        return Reduction.SUM;
    }

    /** What the policy's log-probability is compared with; the reference's where an objective does not say. */
    default Baseline baseline() {
        return Baseline.REFERENCE;
    }

    /** The divergence from the reference that the objective bounds; the reverse KL where it does not say. */
    default Divergence divergence() {
        return new Divergence.ReverseKl();
    }

    /** ℓ and its partial derivatives at one pair. */
    PairTerm pair(Pair pair);

    /**
     * What ℓ is a function of.
     *
     * @param chosen score c_w of the chosen completion, nats
     * @param rejected score c_l of the rejected completion, nats
     * @param chosenTokens number of scored tokens L_w of the chosen completion
     * @param rejectedTokens number of scored tokens L_l of the rejected completion
     * @param ratingGap rating of the chosen completion minus that of the rejected one; NaN where the data rate neither
     */
    record Pair(double chosen, double rejected, int chosenTokens, int rejectedTokens, double ratingGap) {

        /** The margin {@code c_w − c_l}. */
        public double margin() {
            return chosen - rejected;
        }
    }

    /**
     * ℓ of one pair.
     *
     * @param value ℓ(c_w, c_l)
     * @param chosenSlope ∂ℓ/∂c_w
     * @param rejectedSlope ∂ℓ/∂c_l
     */
    record PairTerm(double value, double chosenSlope, double rejectedSlope) {

        /** A term that depends on the margin c_w − c_l alone. */
        public static PairTerm ofMargin(double value, double slope) {
            return new PairTerm(value, slope, -slope);
        }
    }

    @Override
    default LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        Side chosen = new Side(this, logProbs.policyChosen(), logProbs.referenceChosen());
        Side rejected = new Side(this, logProbs.policyRejected(), logProbs.referenceRejected());
        double value = 0;
        for (int j = 0; j < logProbs.pairs(); j++) {
            Pair pair = new Pair(
                    chosen.score(j), rejected.score(j), chosen.tokens(j), rejected.tokens(j), Double.NaN);
            PairTerm term = pair(pair);
            double share = logProbs.weights().get(j) / normalizer.pairs();
            value += share * term.value();
            chosen.slope(j, share * term.chosenSlope());
            rejected.slope(j, share * term.rejectedSlope());
        }
        return new LossEvaluation(value, chosen.gradient(), rejected.gradient());
    }

    /** Scores of the completions of one side, and the chain rule back to their tokens. */
    final class Side {

        private final PairwiseLoss loss;
        private final TokenLogProbs policy;
        private final TokenLogProbs reference;
        private final double[] rawScores;
        private final double[] tokenSlopes;

        private Side(PairwiseLoss loss, TokenLogProbs policy, TokenLogProbs reference) {
            this.loss = loss;
            this.policy = policy;
            this.reference = reference;
            this.rawScores = new double[policy.rows()];
            this.tokenSlopes = new double[policy.rows()];
        }

        private int tokens(int row) {
            return policy.tokens(row);
        }

        private double score(int row) {
            rawScores[row] = loss.baseline() == Baseline.REFERENCE ? policy.logRatio(reference, row) : policy.sum(row);
            return loss.reduction().tokenFactor(tokens(row)) * loss.divergence().score(rawScores[row]);
        }

        private void slope(int row, double scoreSlope) {
            tokenSlopes[row] = scoreSlope
                    * loss.reduction().tokenFactor(tokens(row))
                    * loss.divergence().slope(rawScores[row]);
        }

        private TokenGradient gradient() {
            TokenShape shape = policy.shape();
            return TokenGradient.ofRowSums(shape, tokenSlopes);
        }
    }
}
