package dpo.core.logprob;

import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.PreferencePair;
import java.util.Arrays;
import java.util.List;

/**
 * Everything an objective sees of a batch of pairs: token log-probabilities of both completions under both models.
 *
 * @param policyChosen log πθ of the chosen completions, {@code [pair][token]}
 * @param policyRejected log πθ of the rejected completions
 * @param referenceChosen log π_ref of the chosen completions, of the same shape as the policy's
 * @param referenceRejected log π_ref of the rejected completions, of the same shape as the policy's
 * @param groups preference source of each pair
 * @param weights weight of each pair's loss
 */
public record PreferenceLogProbs(
        TokenLogProbs policyChosen,
        TokenLogProbs policyRejected,
        TokenLogProbs referenceChosen,
        TokenLogProbs referenceRejected,
        List<String> groups,
        List<Double> weights) {

    public PreferenceLogProbs {
        groups = List.copyOf(groups);
        weights = List.copyOf(weights);
        requireSameShape("chosen", policyChosen, referenceChosen);
        requireSameShape("rejected", policyRejected, referenceRejected);
        int pairs = policyChosen.rows();
        if (policyRejected.rows() != pairs || groups.size() != pairs || weights.size() != pairs) {
            throw new IllegalArgumentException("rejected, groups and weights must have one row a pair (" + pairs
                    + "), got " + policyRejected.rows() + ", " + groups.size() + " and " + weights.size());
        }
    }

    /** The log-probabilities of a batch, its rows being {@link PreferenceBatch#sequences()}. */
    public static PreferenceLogProbs of(PreferenceBatch batch, TokenLogProbs policy, TokenLogProbs reference) {
        int n = batch.size();
        return new PreferenceLogProbs(
                policy.rows(0, n),
                policy.rows(n, 2 * n),
                reference.rows(0, n),
                reference.rows(n, 2 * n),
                batch.pairs().stream().map(PreferencePair::group).toList(),
                batch.pairs().stream().map(PreferencePair::weight).toList());
    }

    /** Pairs of the only group, with weight 1 each. */
    public static PreferenceLogProbs of(
            TokenLogProbs policyChosen,
            TokenLogProbs policyRejected,
            TokenLogProbs referenceChosen,
            TokenLogProbs referenceRejected) {
        String[] groups = new String[policyChosen.rows()];
        Double[] weights = new Double[policyChosen.rows()];
        Arrays.fill(groups, PreferencePair.ONLY_GROUP);
        Arrays.fill(weights, 1.0);
        return new PreferenceLogProbs(
                policyChosen, policyRejected, referenceChosen, referenceRejected, List.of(groups), List.of(weights));
    }

    /** Number of pairs. */
    public int pairs() {
        return policyChosen.rows();
    }

    /** The pairs {@code [from, to)} alone. */
    public PreferenceLogProbs pairs(int from, int to) {
        return new PreferenceLogProbs(
                policyChosen.rows(from, to),
                policyRejected.rows(from, to),
                referenceChosen.rows(from, to),
                referenceRejected.rows(from, to),
                groups.subList(from, to),
                weights.subList(from, to));
    }

    /** The same log-probabilities with other pair weights. */
    public PreferenceLogProbs withWeights(List<Double> newWeights) {
        return new PreferenceLogProbs(
                policyChosen, policyRejected, referenceChosen, referenceRejected, groups, newWeights);
    }

    private static void requireSameShape(String side, TokenLogProbs policy, TokenLogProbs reference) {
        if (!policy.shape().equals(reference.shape())) {
            throw new IllegalArgumentException("reference log-probs must have the shape of the policy's, got "
                    + reference.shape() + " for " + policy.shape() + " (" + side + ")");
        }
    }
}
