package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.sequence.PreferencePair;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * The counts of a whole optimizer step by which means are taken, so that micro-batches add up exactly.
 *
 * @param pairs number of pairs N of the optimizer step, at least 1
 * @param chosenTokens number of scored tokens of all chosen completions of the step
 * @param groupShares share of each preference source among the pairs of the data set, each in (0, 1]; these are of the
 *     data set and not of the step, so that group-weighted objectives are unbiased under sampling
 */
public record Normalizer(long pairs, long chosenTokens, Map<String, Double> groupShares) {

    public Normalizer {
        if (pairs < 1) {
            throw new IllegalArgumentException("pairs must be at least 1, got " + pairs);
        }
        if (chosenTokens < 0) {
            throw new IllegalArgumentException("chosenTokens must be at least 0, got " + chosenTokens);
        }
        groupShares = Map.copyOf(groupShares);
    }

    /** The normalizer of log-probabilities that are a whole step, and a whole data set, by themselves. */
    public static Normalizer of(PreferenceLogProbs all) {
        return new Normalizer(all.pairs(), all.policyChosen().shape().tokens(), shares(all.groups()));
    }

    /** The normalizer of an optimizer step over the given pairs of a data set with the given group shares. */
    public static Normalizer of(Collection<PreferencePair> step, Map<String, Double> groupShares) {
        long tokens = step.stream().mapToLong(pair -> pair.chosen().scoredTokens()).sum();
        return new Normalizer(step.size(), tokens, groupShares);
    }

    /** Share of each group name among all names given. */
    public static Map<String, Double> shares(Collection<String> groups) {
        Map<String, Double> shares = new TreeMap<>();
        groups.forEach(group -> shares.merge(group, 1.0, Double::sum));
        shares.replaceAll((group, count) -> count / groups.size());
        return shares;
    }
}
