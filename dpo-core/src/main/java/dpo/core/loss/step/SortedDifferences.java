package dpo.core.loss.step;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.numeric.Ranking;
import dpo.core.sequence.Judgement;
import java.util.Arrays;
import java.util.Set;

/**
 * What the objectives of alignment by optimal transport share: two numbers of every pair of an optimizer step, each kind
 * sorted by itself, are compared rank by rank.
 *
 * <pre>  L = (1/N) Σ_i ℓ(a_(i) − b_(i)),   a_(1) ≤ … ≤ a_(N),   b_(1) ≤ … ≤ b_(N)</pre>
 *
 * @param loss ℓ
 * @param type name of the objective, for messages
 */
record SortedDifferences(MarginLoss loss, String type) {

    static final Set<Need> NEEDS = Set.of(Need.WHOLE_STEP, Need.EQUAL_WEIGHTS);

    /** Requires a pair of weight 1. */
    void requireUsable(Judgement judgement) {
        loss.requireUsable(judgement);
        if (judgement.weight() != 1) {
            throw new IllegalArgumentException("weight must be 1 for " + type
                    + ", whose terms belong to no single pair, got " + judgement.weight());
        }
    }

    /** Requires a whole step of such pairs. */
    void requireStep(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        logProbs.judgements().all().forEach(this::requireUsable);
    }

    /** L of the numbers of all pairs, in their order. */
    Comparison compare(double[] a, double[] b) {
        int[] ofA = Ranking.ascending(a);
        int[] ofB = Ranking.ascending(b);
        double[] slopes = new double[a.length];
        double[] otherSlopes = new double[a.length];
        double value = 0;
        for (int i = 0; i < a.length; i++) {
            MarginLoss.MarginTerm term = loss.at(a[ofA[i]] - b[ofB[i]]);
            value += term.value() / a.length;
            slopes[ofA[i]] = term.slope() / a.length;
            otherSlopes[ofB[i]] = -term.slope() / a.length;
        }
        return new Comparison(value, slopes, otherSlopes);
    }

    /**
     * L and its derivatives.
     *
     * @param value L
     * @param slopes ∂L/∂a of each pair
     * @param otherSlopes ∂L/∂b of each pair
     */
    record Comparison(double value, double[] slopes, double[] otherSlopes) {

        /** The evaluation of a step, from ∂L/∂(log-probability) of the chosen and the rejected completion of each pair. */
        LossEvaluation evaluation(PreferenceLogProbs logProbs, double[] chosen, double[] rejected) {
            double[] rows = new double[logProbs.policy().rows()];
            Arrays.setAll(rows, row -> row % 2 == 0 ? chosen[row / 2] : rejected[row / 2]);
            return new LossEvaluation(value, TokenGradient.ofRowSums(logProbs.policy().shape(), rows));
        }
    }
}
