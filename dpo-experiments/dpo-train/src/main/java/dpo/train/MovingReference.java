package dpo.train;

import dpo.core.InvalidInputException;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.PreferenceBatch;
import java.util.List;

/** A reference that follows the policy: a second model, which computes its log-probabilities for each batch. */
final class MovingReference implements ReferenceLogProbs {

    private final Policy reference;
    private final ReferenceUpdates settings;

    /**
     * @param reference the same model as the policy, opened again; closed by the caller
     * @throws InvalidInputException if the backend cannot move it
     */
    MovingReference(Policy reference, Policy policy, ReferenceUpdates settings) {
        this.reference = reference;
        this.settings = settings;
        try {
            reference.moveTowards(policy, 0);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }

    /** Updates the reference if an update is due after a step. */
    void afterStep(int step, Policy policy) {
        if (step % settings.syncSteps() == 0) {
            reference.moveTowards(policy, settings.mixupAlpha());
        }
    }

    /** The reference model. */
    Policy model() {
        return reference;
    }

    @Override
    public TokenLogProbs of(PreferenceBatch batch, List<Integer> indices) {
        return reference.logProbs(batch.sequences());
    }
}
