package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.sequence.Preference;
import dpo.data.batch.MicroBatches;
import java.util.List;

/** Computes or loads the log-probabilities of preferences under a fixed reference. */
@FunctionalInterface
public interface References {

    /** Computes them with the current parameters of a policy. */
    static References of(Policy reference, MicroBatches microBatches) {
        return preferences -> StoredReference.compute(reference, preferences, microBatches);
    }

    /** The log-probabilities of some preferences. */
    ReferenceLogProbs of(List<Preference> preferences);
}
