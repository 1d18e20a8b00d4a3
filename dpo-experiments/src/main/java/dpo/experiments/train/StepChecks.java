package dpo.experiments.train;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** What must hold of the numbers of an optimizer step for training to go on; messages name step and pairs. */
final class StepChecks {

    private static final double ABSOLUTE = 1e-3;
    private static final double RELATIVE = 1e-5;

    private StepChecks() {}

    /** Requires finite log-probs, and before the first step those of the reference, since the models are the same. */
    static void requireUsable(int step, PreferenceBatch batch, PreferenceLogProbs logProbs) {
        NonFinite.in(logProbs.policy(), batch).ifPresent(where -> {
            throw new TrainingFailure("policy log-probs must be finite, got " + where + " at step " + step);
        });
        if (step == 1) {
            requireEqual(batch, logProbs.policy(), logProbs.reference());
        }
    }

    /** Requires a finite number. */
    static void requireFinite(int step, List<Preference> pairs, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new TrainingFailure(name + " must be finite, got " + value + " at step " + step + " (pairs "
                    + String.join(", ", pairs.stream().map(Preference::id).toList()) + ")");
        }
    }

    /** Equal but for the rounding of another composition of the batch. */
    private static void requireEqual(PreferenceBatch batch, TokenLogProbs policy, TokenLogProbs reference) {
        for (int row = 0; row < policy.rows(); row++) {
            double difference = Math.abs(policy.sum(row) - reference.sum(row));
            if (!(difference <= ABSOLUTE + RELATIVE * Math.abs(reference.sum(row)))) {
                throw new TrainingFailure("policy must equal its reference before the first step, got log-probs "
                        + policy.sum(row) + " and " + reference.sum(row) + " (pair " + batch.describe(row) + ")");
            }
        }
    }
}
