package dpo.core.logprob;

import dpo.core.sequence.Label;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The arguments of an objective for a batch: token log-probabilities of all completions under both models, and labels.
 *
 * @param policy log πθ, {@code [row][token]}, one row per completion
 * @param reference log π_ref, of the same shape; without rows for a reference-free objective
 * @param labels rows, ratings, source and weight of each preference
 * @param statistics the statistics that the objective needs, {@code [row][token]} of the same shape
 * @param mismatched {@code log πθ(y′|x) − log π_ref(y′|x)}, nats, for each row: its prompt x with the completion y′ of
 *     another prompt; empty if the objective does not need them
 */
public record PreferenceLogProbs(
        TokenLogProbs policy,
        TokenLogProbs reference,
        Labels labels,
        Map<TokenStatistic, TokenLogProbs> statistics,
        List<Double> mismatched) {

    public PreferenceLogProbs {
        statistics = Collections.unmodifiableMap(new TreeMap<>(statistics));
        mismatched = List.copyOf(mismatched);
        if (reference.rows() > 0) {
            requireSameShape("reference log-probs", policy, reference);
        }
        statistics.forEach((statistic, values) -> requireSameShape(statistic.name(), policy, values));
        if (policy.rows() != labels.rows()) {
            throw new IllegalArgumentException(
                    "log-probs must have one row per completion (" + labels.rows() + "), got " + policy.rows());
        }
        if (!mismatched.isEmpty() && mismatched.size() != labels.rows()) {
            throw new IllegalArgumentException(
                    "mismatched must hold one number per completion (" + labels.rows() + "), got " + mismatched.size());
        }
    }

    /** Log-probabilities without further statistics. */
    public PreferenceLogProbs(TokenLogProbs policy, TokenLogProbs reference, Labels labels) {
        this(policy, reference, labels, Map.of(), List.of());
    }

    /** Number of preferences: pairs, lists and labelled completions. */
    public int size() {
        return labels.size();
    }

    /** Row of the best, or only, completion of a preference. */
    public int first(int index) {
        return labels.first(index);
    }

    /** Log-probabilities of the policy only, for reference-free objectives. */
    public static PreferenceLogProbs withoutReference(TokenLogProbs policy, Labels labels) {
        return new PreferenceLogProbs(policy, TokenLogProbs.ofRows(), labels);
    }

    /** Whether log-probabilities of a reference are given. */
    public boolean hasReference() {
        return reference.rows() == policy.rows();
    }

    /**
     * {@code Σ_t (log πθ − log π_ref)} of a row, nats.
     *
     * @throws IllegalArgumentException if no reference is given
     */
    public double logRatio(int row) {
        if (!hasReference()) {
            throw new IllegalArgumentException(
                    "reference log-probs must be given for an objective that depends on them, got none");
        }
        return policy.logRatio(reference, row);
    }

    /**
     * A statistic that an objective needs.
     *
     * @throws IllegalArgumentException if it is not given
     */
    public TokenLogProbs statistic(TokenStatistic statistic) {
        TokenLogProbs values = statistics.get(statistic);
        if (values == null) {
            throw new IllegalArgumentException(
                    statistic.key() + " must be given for an objective that needs it, got none");
        }
        return values;
    }

    /** The preferences {@code [from, to)} with their rows. */
    public PreferenceLogProbs slice(int from, int to) {
        int first = first(from);
        int end = first(to);
        Map<TokenStatistic, TokenLogProbs> parts = new TreeMap<>();
        statistics.forEach((statistic, values) -> parts.put(statistic, values.rows(first, end)));
        return new PreferenceLogProbs(
                policy.rows(first, end),
                hasReference() ? reference.rows(first, end) : reference,
                labels.slice(from, to),
                parts,
                mismatched.isEmpty() ? mismatched : mismatched.subList(first, end));
    }

    /** The same completions with only the tokens of one turn (index from 0); empty if a completion has fewer turns. */
    public PreferenceLogProbs onlyTurn(int turn) {
        Map<TokenStatistic, TokenLogProbs> parts = new TreeMap<>();
        statistics.forEach((statistic, values) -> parts.put(statistic, values.onlyTurn(turn)));
        return new PreferenceLogProbs(policy.onlyTurn(turn), reference.onlyTurn(turn), labels, parts, mismatched);
    }

    /** The same log-probabilities with other weights of the preferences. */
    public PreferenceLogProbs withWeights(double[] weights) {
        List<Label> weighted = new ArrayList<>(weights.length);
        for (int j = 0; j < weights.length; j++) {
            weighted.add(labels.get(j).withWeight(weights[j]));
        }
        return new PreferenceLogProbs(policy, reference, Labels.of(weighted), statistics, mismatched);
    }

    /** The preferences of some batches, in order; the batches must have the same statistics. */
    public static PreferenceLogProbs joined(List<PreferenceLogProbs> parts) {
        Map<TokenStatistic, TokenLogProbs> statistics = new TreeMap<>();
        for (TokenStatistic statistic : parts.get(0).statistics().keySet()) {
            statistics.put(
                    statistic,
                    TokenLogProbs.joined(parts.stream()
                            .map(part -> part.statistics().get(statistic))
                            .toList()));
        }
        return new PreferenceLogProbs(
                TokenLogProbs.joined(
                        parts.stream().map(PreferenceLogProbs::policy).toList()),
                TokenLogProbs.joined(
                        parts.stream().map(PreferenceLogProbs::reference).toList()),
                Labels.of(parts.stream()
                        .flatMap(part -> part.labels().all().stream())
                        .toList()),
                statistics,
                parts.stream().flatMap(part -> part.mismatched().stream()).toList());
    }

    private static void requireSameShape(String name, TokenLogProbs policy, TokenLogProbs other) {
        if (!policy.shape().equals(other.shape())) {
            throw new IllegalArgumentException(
                    name + " must have the shape of the policy's, got " + other.shape() + " for " + policy.shape());
        }
    }
}
