package dpo.core.loss.batch;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.MarginLoss.MarginTerm;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.Ranking;
import dpo.core.sequence.Label;
import java.util.Set;

/**
 * Common part of the objectives of alignment by optimal transport. Each pair of an optimizer step has a value a of the
 * distribution that is to dominate and a value b of the dominated one; both are sorted independently and compared by
 * rank.
 *
 * <pre>  L = (1/N) Σ_i ℓ(a_(i) − b_(i)),   a_(1) ≤ … ≤ a_(N),   b_(1) ≤ … ≤ b_(N)</pre>
 *
 * with ℓ of {@link SigmoidLoss}.
 */
sealed interface SortedLoss extends PreferenceLoss permits AotLoss, AotUnpairedLoss {

    @Override
    double beta();

    double labelSmoothing();

    /** The value a of a pair; its chosen completion is in the given row, the rejected one in the next. */
    double dominant(PreferenceLogProbs logProbs, int chosen);

    /** The value b of a pair. */
    double dominated(PreferenceLogProbs logProbs, int chosen);

    /** ∂L/∂(log-probability of the rejected completion), from ∂L/∂a and ∂L/∂b; that of the chosen one is ∂L/∂a. */
    double rejectedSlope(double dominantSlope, double dominatedSlope);

    @Override
    default LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        logProbs.labels().all().forEach(this::requireUsable);
        int pairs = logProbs.size();
        double[] a = new double[pairs];
        double[] b = new double[pairs];
        for (int j = 0; j < pairs; j++) {
            a[j] = dominant(logProbs, logProbs.first(j));
            b[j] = dominated(logProbs, logProbs.first(j));
        }
        int[] ofA = Ranking.ascending(a);
        int[] ofB = Ranking.ascending(b);
        SigmoidLoss loss = new SigmoidLoss(beta(), labelSmoothing());
        double[] slopesOfA = new double[pairs];
        double[] slopesOfB = new double[pairs];
        double value = 0;
        for (int i = 0; i < pairs; i++) {
            MarginTerm term = loss.at(a[ofA[i]] - b[ofB[i]]);
            value += term.value() / pairs;
            slopesOfA[ofA[i]] = term.slope() / pairs;
            slopesOfB[ofB[i]] = -term.slope() / pairs;
        }
        double[] rows = new double[2 * pairs];
        for (int j = 0; j < pairs; j++) {
            rows[2 * j] = slopesOfA[j];
            rows[2 * j + 1] = rejectedSlope(slopesOfA[j], slopesOfB[j]);
        }
        return new LossEvaluation(
                value, TokenGradient.ofRowSums(logProbs.policy().shape(), rows));
    }

    @Override
    default Set<Need> needs() {
        return Set.of(Need.WHOLE_STEP, Need.EQUAL_WEIGHTS);
    }

    @Override
    default void requireUsable(Label label) {
        label.requirePair();
        if (label.weight() != 1) {
            throw new IllegalArgumentException("weight must be 1 for " + PreferenceLoss.typeOf(getClass())
                    + ", whose terms belong to no single pair, got " + label.weight());
        }
    }
}
