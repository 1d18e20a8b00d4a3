package dpo.train;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** Checks of the numbers of an optimizer step; messages name step and pairs. */
final class StepChecks {

    private static final double ABSOLUTE = 1e-3;
    private static final double RELATIVE = 1e-5;

    private StepChecks() {}

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
