package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.sequence.Label;
import java.util.stream.IntStream;

/**
 * An objective that is a mean over pairs of a function of the scores of their two completions:
 *
 * <pre>  L = (1/N) Σ_j weight_j · ℓ(c_w, c_l),   c = f(s) / L^(0 or 1),   s = Σ_t (log πθ(y_t) − log π_ref(y_t))</pre>
 *
 * The score c is the log-ratio s (or the policy's log-probability, see {@link Baseline}), transformed by a
 * {@link Divergence} and, depending on the {@link Reduction}, divided by the number of tokens. An implementation
 * computes ℓ and its two partial derivatives; this interface computes scores, weights and the chain rule.
 */
public interface PairwiseLoss extends PreferenceLoss {

    /** Whether scores are sums or means over tokens; by default sums. */
    default Reduction reduction() {
        return Reduction.SUM;
    }

    /** The baseline of scores; by default the reference. */
    default Baseline baseline() {
        return Baseline.REFERENCE;
    }

    @Override
    default boolean usesReference() {
        return baseline() == Baseline.REFERENCE;
    }

    /** The divergence from the reference that constrains the policy; by default the reverse KL. */
    default Divergence divergence() {
        return new Divergence.ReverseKl();
    }

    /** ℓ and its partial derivatives at one pair. */
    PairTerm pair(Pair pair);

    /**
     * The implicit reward of a completion; by default {@code β c}.
     *
     * @param score c, nats
     * @param tokens number of scored tokens L
     */
    default double reward(double score, int tokens) {
        return beta() * score;
    }

    @Override
    default double[] rewards(PreferenceLogProbs logProbs) {
        Scores scores = new Scores(this, logProbs);
        return IntStream.range(0, logProbs.policy().rows())
                .mapToDouble(row -> reward(scores.score(row), scores.tokens(row)))
                .toArray();
    }

    /**
     * The arguments of ℓ.
     *
     * @param chosen score c_w of the chosen completion, nats
     * @param rejected score c_l of the rejected completion, nats
     * @param chosenTokens number of scored tokens L_w of the chosen completion
     * @param rejectedTokens number of scored tokens L_l of the rejected completion
     * @param ratingGap rating of the chosen completion minus that of the rejected one; NaN without ratings
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
    default void requireUsable(Label label) {
        label.requirePair();
    }

    @Override
    default LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        Scores scores = new Scores(this, logProbs);
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            requireUsable(label);
            PairTerm term = pair(scores.pair(j, label));
            double share = label.weight() / normalizer.preferences();
            value += share * term.value();
            scores.back(j, share * term.chosenSlope(), share * term.rejectedSlope());
        }
        return new LossEvaluation(value, scores.gradient());
    }
}
