package dpo.experiments.train;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.PreferencePair;
import java.util.List;

/** What must hold of the numbers of an optimizer step for training to go on; messages name step and pairs. */
final class StepChecks {

    private static final double ABSOLUTE = 1e-3;
    private static final double RELATIVE = 1e-5;

    private StepChecks() {}

    /** Requires finite log-probs, and before the first step those of the reference, since the models are the same. */
    static void requireUsable(int step, PreferenceBatch batch, TokenLogProbs policy, TokenLogProbs reference) {
        NonFinite.in(policy, batch).ifPresent(where -> {
            throw new TrainingFailure("policy log-probs must be finite, got " + where + " at step " + step);
        });
        if (step == 1) {
            requireEqual(batch, policy, reference);
        }
    }

    /** Requires a finite number. */
    static void requireFinite(int step, List<PreferencePair> pairs, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new TrainingFailure(name + " must be finite, got " + value + " at step " + step + " (pairs "
                    + String.join(", ", pairs.stream().map(PreferencePair::id).toList()) + ")");
        }
    }

    /** Equal but for the rounding of another composition of the batch. */
    private static void requireEqual(PreferenceBatch batch, TokenLogProbs policy, TokenLogProbs reference) {
        for (int row = 0; row < policy.rows(); row++) {
            double difference = Math.abs(policy.sum(row) - reference.sum(row));
            if (!(difference <= ABSOLUTE + RELATIVE * Math.abs(reference.sum(row)))) {
                String id = batch.pairs().get(row % batch.size()).id();
                throw new TrainingFailure("policy must equal its reference before the first step, got log-probs "
                        + policy.sum(row) + " and " + reference.sum(row) + " (pair " + id + ")");
            }
        }
    }
}
