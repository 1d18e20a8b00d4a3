package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The denominators of means over a whole optimizer step, so that the losses of micro-batches add up exactly, and the
 * state of an objective from the previous step. An evaluation counts as one step over all held-out preferences.
 *
 * @param preferences number N of preferences (pairs, lists, labelled completions) of the optimizer step, at least 1
 * @param completions number of completions of the step, at least N
 * @param chosenTokens number of scored tokens of the chosen completions of the step: the best of each preference, or
 *     the only one if it is desirable
 * @param groupShares share of each preference source in the data set, in (0, 1], by name; shares of the data set, not
 *     of the step, make group objectives unbiased under sampling
 * @param carried {@link LossEvaluation#carried()} of the previous step, by name; empty at the first step
 * @param isEvaluation whether the state is used unchanged, as in evaluation, or is first updated with the preferences
 *     of the step, as in training
 */
public record Normalizer(
        long preferences,
        long completions,
        long chosenTokens,
        Map<String, Double> groupShares,
        Map<String, Double> carried,
        boolean isEvaluation) {

    public Normalizer {
        if (preferences < 1) {
            throw new IllegalArgumentException("preferences must be at least 1, got " + preferences);
        }
        if (completions < preferences) {
            throw new IllegalArgumentException(
                    "completions must be at least as many as preferences (" + preferences + "), got " + completions);
        }
        if (chosenTokens < 0) {
            throw new IllegalArgumentException("chosenTokens must be at least 0, got " + chosenTokens);
        }
        groupShares = Collections.unmodifiableMap(new TreeMap<>(groupShares));
        carried = Collections.unmodifiableMap(new TreeMap<>(carried));
    }

    /** Counts of a training step. */
    public Normalizer(
            long preferences,
            long completions,
            long chosenTokens,
            Map<String, Double> groupShares,
            Map<String, Double> carried) {
        this(preferences, completions, chosenTokens, groupShares, carried, false);
    }

    /** The normalizer of log-probabilities that form a whole step and a whole data set. */
    public static Normalizer of(PreferenceLogProbs all) {
        TokenShape shape = all.policy().shape();
        long tokens = 0;
        for (int j = 0; j < all.size(); j++) {
            tokens += all.labels().get(j).isFirstDesirable() ? shape.tokens(all.first(j)) : 0;
        }
        Map<String, Double> shares =
                shares(all.labels().all().stream().map(Label::group).toList());
        return new Normalizer(all.size(), shape.rows(), tokens, shares, Map.of());
    }

    /** The normalizer of an optimizer step over preferences of a data set with the given group shares. */
    public static Normalizer of(Collection<Preference> step, Map<String, Double> groupShares) {
        long completions =
                step.stream().mapToLong(each -> each.completions().size()).sum();
        long tokens = step.stream()
                .filter(each -> each.label().isFirstDesirable())
                .mapToLong(each -> each.first().scoredTokens())
                .sum();
        return new Normalizer(step.size(), completions, tokens, groupShares, Map.of());
    }

    /**
     * Requires the log-probabilities of the whole optimizer step.
     *
     * @throws IllegalArgumentException if preferences of the step are missing
     */
    public void requireWhole(PreferenceLogProbs logProbs) {
        if (logProbs.size() != preferences) {
            throw new IllegalArgumentException("log-probs must be of the whole optimizer step (" + preferences
                    + " preferences), got " + logProbs.size());
        }
    }

    /** The same counts with the state of the previous step. */
    public Normalizer carrying(Map<String, Double> state) {
        return new Normalizer(preferences, completions, chosenTokens, groupShares, state, isEvaluation);
    }

    /** The same counts for an evaluation, in which the state is used unchanged. */
    public Normalizer forEvaluation() {
        return new Normalizer(preferences, completions, chosenTokens, groupShares, carried, true);
    }

    /**
     * The share of a preference source in the data set.
     *
     * @throws IllegalArgumentException if the data set has no such source
     */
    public double groupShare(String group) {
        Double share = groupShares.get(group);
        if (share == null) {
            throw new IllegalArgumentException(
                    "group must have a share of the data set, got " + group + " (known: " + groupShares.keySet() + ")");
        }
        return share;
    }

    /** Share of each group among some preferences. */
    public static Map<String, Double> sharesOf(Collection<Preference> preferences) {
        return shares(preferences.stream().map(each -> each.label().group()).toList());
    }

    /** Share of each group among the groups of some preferences. */
    public static Map<String, Double> shares(Collection<String> groups) {
        Map<String, Double> shares = new TreeMap<>();
        groups.forEach(group -> shares.merge(group, 1.0, Double::sum));
        shares.replaceAll((group, count) -> count / groups.size());
        return shares;
    }
}
