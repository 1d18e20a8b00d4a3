package dpo.train;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.theory.SigmoidLossBounds;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Checks of the numbers of an optimizer step; messages name step and pairs. */
final class StepChecks {

    private static final double ABSOLUTE = 1e-3;
    private static final double RELATIVE = 1e-5;
    private static final double ROUNDING = 1e-9;

    private StepChecks() {}

    /**
     * Requires the bounds of {@link SigmoidLossBounds} of the mean sigmoid loss without label smoothing of pairs with equal
     * weights; for any other objective nothing. A violation is a fault of the program.
     *
     * @param value the loss of the preferences, without an SFT term
     * @param metrics the metrics of the same preferences
     */
    static void requireBounds(
            int step, PreferenceLoss loss, double value, Map<String, Double> metrics, Collection<Preference> pairs) {
        boolean isBounded = loss instanceof SigmoidLoss sigmoid
                && sigmoid.labelSmoothing() == 0
                && pairs.stream().allMatch(pair -> pair.label().weight() == 1);
        if (!isBounded || !Double.isFinite(value)) {
            return;
        }
        double margin = metrics.getOrDefault("rewards/margins", Double.NaN);
        double wrong = 1
                - metrics.getOrDefault("rewards/accuracies", Double.NaN)
                + metrics.getOrDefault("rewards/ties", Double.NaN) / 2;
        double least = SigmoidLossBounds.meanMargin(value);
        double most = SigmoidLossBounds.wrongShare(value);
        if (margin < least - ROUNDING * (1 + Math.abs(least)) || wrong > most + ROUNDING) {
            throw new IllegalStateException("a mean sigmoid loss of " + value + " implies a mean margin of at least "
                    + least + " and a share of at most " + most + " wrong pairs, got " + margin + " and " + wrong
                    + " at step " + step + "; this is a fault of the program");
        }
    }

    /** Requires finite log-probs. */
    static void requireUsable(int step, PreferenceBatch batch, PreferenceLogProbs logProbs) {
        NonFinite.in(logProbs.policy(), batch).ifPresent(where -> {
            throw new TrainingFailure("policy log-probs must be finite, got " + where + " at step " + step);
        });
    }

    /** Requires a finite number. */
    static void requireFinite(int step, List<Preference> pairs, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new TrainingFailure(name + " must be finite, got " + value + " at step " + step + " (pairs "
                    + String.join(", ", pairs.stream().map(Preference::id).toList()) + ")");
        }
    }

    /**
     * Requires equal log-probabilities of policy and reference, as before the first step. Both must be scored in
     * inference and in the same batches, so that dropout and rounding make no difference.
     */
    static void requireEqual(PreferenceBatch batch, PreferenceLogProbs logProbs) {
        TokenLogProbs policy = logProbs.policy();
        TokenLogProbs reference = logProbs.reference();
        for (int row = 0; row < policy.rows(); row++) {
            double difference = Math.abs(policy.sum(row) - reference.sum(row));
            if (!(difference <= ABSOLUTE + RELATIVE * Math.abs(reference.sum(row)))) {
                throw new TrainingFailure("policy must equal its reference before the first step, got log-probs "
                        + policy.sum(row) + " and " + reference.sum(row) + " (pair " + batch.describe(row) + ")");
            }
        }
    }
}
