package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.sequence.Judgement;
import java.util.stream.IntStream;

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

    @Override
    default boolean usesReference() {
        return baseline() == Baseline.REFERENCE;
    }

    /** The divergence from the reference that the objective bounds; the reverse KL where it does not say. */
    default Divergence divergence() {
        return new Divergence.ReverseKl();
    }

    /** ℓ and its partial derivatives at one pair. */
    PairTerm pair(Pair pair);

    /**
     * The implicit reward of a completion; {@code β c} unless the objective has another.
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
    default void requireUsable(Judgement judgement) {
        judgement.requirePair();
    }

    @Override
    default LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        Scores scores = new Scores(this, logProbs);
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Judgement judgement = logProbs.judgements().get(j);
            requireUsable(judgement);
            PairTerm term = pair(scores.pair(j, judgement));
            double share = judgement.weight() / normalizer.preferences();
            value += share * term.value();
            scores.back(j, share * term.chosenSlope(), share * term.rejectedSlope());
        }
        return new LossEvaluation(value, scores.gradient());
    }
}
