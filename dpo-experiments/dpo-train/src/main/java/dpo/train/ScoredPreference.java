package dpo.train;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.sequence.Preference;

/**
 * A preference with its log-probabilities.
 *
 * @param preference the preference
 * @param logProbs log-probabilities of the batch in which it was scored
 * @param index its index in the batch
 */
public record ScoredPreference(Preference preference, PreferenceLogProbs logProbs, int index) {}
