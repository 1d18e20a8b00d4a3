package dpo.core.metric;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.ImplicitReward;
import java.util.Map;

/**
 * A custom metric of preferences, in addition to the {@linkplain PreferenceMetrics built-in ones}: a record whose
 * components are its settings. A configuration names its class under {@code metrics}; its values are recorded as
 * {@code custom/NAME} of every step and {@code eval/custom/NAME} of every evaluation.
 */
public interface PreferenceMetric {

    /** A new accumulator, without preferences. */
    Accumulator accumulator(ImplicitReward objective);

    /** Accumulates preferences over any number of batches. */
    interface Accumulator {

        /** Adds the preferences of a batch. */
        void add(PreferenceLogProbs logProbs);

        /**
         * The values over all preferences added so far, by name. They do not depend on the split into batches, beyond
         * rounding. A value without any preference to compute it from is absent; NaN log-probabilities give NaN. The
         * names depend on the preferences, not on their log-probabilities, so that they are known before a run.
         */
        Map<String, Double> values();
    }
}
