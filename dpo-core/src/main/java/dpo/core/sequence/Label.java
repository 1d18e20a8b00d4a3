package dpo.core.sequence;

import java.util.List;

/**
 * The label of a preference: which completions of a prompt are preferred, with their ratings, source and weight.
 *
 * <p>Several completions are ordered best first: two form a preference pair, chosen then rejected; K form a ranked
 * list. A single completion is desirable if its rating is positive, and undesirable otherwise.
 *
 * @param completions number of completions, at least 1
 * @param ratings a finite number for each completion, higher is better, not ascending; empty if the data have only an
 *     order. A single completion must have one.
 * @param group the preference source, such as an annotator or a data set; see group-weighted objectives
 * @param weight factor of the loss, finite and at least 0; 1 if the data give none
 */
public record Label(int completions, List<Double> ratings, String group, double weight) {

    /** Group of all preferences of a data set without preference sources. */
    public static final String ONLY_GROUP = "all";

    public Label {
        ratings = List.copyOf(ratings);
        if (completions < 1) {
            throw new IllegalArgumentException("completions must be at least 1, got " + completions);
        }
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight must be finite and at least 0, got " + weight);
        }
        if (ratings.size() != completions && (completions == 1 || !ratings.isEmpty())) {
            throw new IllegalArgumentException(
                    "ratings must be one per completion (" + completions + "), got " + ratings);
        }
        double last = Double.POSITIVE_INFINITY;
        for (double rating : ratings) {
            if (!(rating <= last && Double.isFinite(rating))) {
                throw new IllegalArgumentException("ratings must be finite and best first, got " + ratings);
            }
            last = rating;
        }
    }

    /** An order of completions without ratings, of the default group, with weight 1. */
    public static Label ordered(int completions) {
        return new Label(completions, List.of(), ONLY_GROUP, 1);
    }

    /** The label of one completion, of the default group, with weight 1. */
    public static Label desirable(boolean desirable) {
        return new Label(1, List.of(desirable ? 1.0 : 0.0), ONLY_GROUP, 1);
    }

    /** Whether these are two completions, chosen and rejected. */
    public boolean isPair() {
        return completions == 2;
    }

    /** Requires two completions, chosen and rejected. */
    public void requirePair() {
        if (!isPair()) {
            throw new IllegalArgumentException("completions must be two, chosen and rejected, got " + completions);
        }
    }

    /** Whether the first completion is the best of several, or is labelled desirable. */
    public boolean isFirstDesirable() {
        return completions > 1 || ratings.get(0) > 0;
    }

    /**
     * Whether completion i is preferred to completion k &gt; i. In a list, completions with equal ratings are not
     * compared; in a pair, the first is always preferred.
     */
    public boolean prefers(int i, int k) {
        return isPair() || ratings.isEmpty() || ratings.get(i) > ratings.get(k);
    }

    /** This label with another weight. */
    public Label withWeight(double newWeight) {
        return new Label(completions, ratings, group, newWeight);
    }
}
