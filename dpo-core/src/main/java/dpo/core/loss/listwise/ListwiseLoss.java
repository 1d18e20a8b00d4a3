package dpo.core.loss.listwise;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.Baseline;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An objective that is a mean over ranked lists of a function of the scores of their completions, best first:
 *
 * <pre>  L = (1/N) Σ_j weight_j · ℓ(c_1, …, c_K),   c = s / L^(0 or 1),   s = Σ_t (log πθ(y_t) − log π_ref(y_t))</pre>
 *
 * The score c is the log-ratio s (or the policy's log-probability, see {@link Baseline}) and, depending on the
 * {@link Reduction}, divided by the number of tokens. A pair is a list of two. An implementation computes ℓ and its
 * partial derivatives; this interface computes scores, weights and the chain rule.
 */
public interface ListwiseLoss extends PreferenceLoss {

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

    /** ℓ and its partial derivatives at one list. */
    ListTerm list(RankedList list);

    /**
     * The arguments of ℓ.
     *
     * @param scores c of each completion, nats
     * @param tokens number of scored tokens of each completion
     * @param ratings of each completion, not ascending; empty if the data give only an order
     */
    record RankedList(double[] scores, int[] tokens, List<Double> ratings) {

        /** Number of completions. */
        public int size() {
            return scores.length;
        }

        /** Whether completion i is better than completion k &gt; i; false for equal ratings. */
        public boolean isBetter(int i, int k) {
            return ratings.isEmpty() || ratings.get(i) > ratings.get(k);
        }
    }

    /**
     * ℓ of one list.
     *
     * @param value ℓ
     * @param slopes ∂ℓ/∂c of each completion
     */
    record ListTerm(double value, double[] slopes) {}

    @Override
    default void requireUsable(Label label) {
        if (label.completions() < 2) {
            throw new IllegalArgumentException(
                    "completions must be at least two, best first, got " + label.completions());
        }
    }

    @Override
    default LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        double[] slopes = new double[logProbs.policy().rows()];
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            requireUsable(label);
            int first = logProbs.first(j);
            double[] scores = new double[label.completions()];
            int[] tokens = new int[scores.length];
            for (int k = 0; k < scores.length; k++) {
                tokens[k] = logProbs.policy().tokens(first + k);
                scores[k] = score(logProbs, first + k);
            }
            ListTerm term = list(new RankedList(scores, tokens, label.ratings()));
            double share = label.weight() / normalizer.preferences();
            value += share * term.value();
            for (int k = 0; k < scores.length; k++) {
                slopes[first + k] = share * reduction().tokenFactor(tokens[k]) * term.slopes()[k];
            }
        }
        return new LossEvaluation(
                value, TokenGradient.ofRowSums(logProbs.policy().shape(), slopes));
    }

    private double score(PreferenceLogProbs logProbs, int row) {
        return reduction().tokenFactor(logProbs.policy().tokens(row))
                * baseline().compare(logProbs, row);
    }

    /** {@code β c} of each completion. */
    @Override
    default double[] rewards(PreferenceLogProbs logProbs) {
        return IntStream.range(0, logProbs.policy().rows())
                .mapToDouble(row -> beta() * score(logProbs, row))
                .toArray();
    }
}
