package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.sequence.Preference;
import dpo.data.batch.MicroBatches;
import java.util.List;

/** Computes, or looks up, the log-probabilities of preferences under a fixed reference. */
@FunctionalInterface
public interface References {

    /** Those of a policy as it stands, computed at once. */
    static References of(Policy reference, MicroBatches microBatches) {
        return preferences -> StoredReference.compute(reference, preferences, microBatches);
    }

    /** The log-probabilities of some preferences. */
    ReferenceLogProbs of(List<Preference> preferences);
}
