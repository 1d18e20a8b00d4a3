package dpo.core.loss.batch;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.sequence.Label;

/**
 * Common part of the objectives of single completions: the mean over all completions, each desirable or undesirable. A
 * pair counts as one of each kind.
 *
 * <pre>  L = (1/M) Σ_i weight_i · ℓ(s_i, label_i),   M completions,   s = Σ_t (log πθ − log π_ref)</pre>
 */
final class LabelledCompletions {

    private LabelledCompletions() {}

    /** The loss of a completion as a function of its log-ratio. */
    @FunctionalInterface
    interface Loss {

        Term at(boolean desirable, double logRatio);
    }

    /**
     * ℓ of one completion.
     *
     * @param value ℓ(s)
     * @param slope dℓ/ds
     */
    record Term(double value, double slope) {}

    /** The mean over the completions of the optimizer step. */
    static LossEvaluation mean(PreferenceLogProbs logProbs, Normalizer normalizer, Loss loss) {
        double[] slopes = new double[logProbs.policy().rows()];
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            requireUsable(label);
            double share = label.weight() / normalizer.completions();
            for (int k = 0; k < label.completions(); k++) {
                int row = logProbs.first(j) + k;
                Term term = loss.at(k == 0 && label.isFirstDesirable(), logProbs.logRatio(row));
                value += share * term.value();
                slopes[row] = share * term.slope();
            }
        }
        return new LossEvaluation(
                value, TokenGradient.ofRowSums(logProbs.policy().shape(), slopes));
    }

    /** Requires a labelled completion or a pair; middle completions of a list have no label. */
    static void requireUsable(Label label) {
        if (label.completions() > 2) {
            throw new IllegalArgumentException(
                    "completions must be one with a label, or two, chosen and rejected, got " + label.completions());
        }
    }
}
