package dpo.core.sequence;

import java.util.List;

/**
 * What a data set says about the completions of one prompt, apart from their tokens.
 *
 * <p>Several completions are given best first: two are a preference pair, chosen then rejected; K are a ranked list. One
 * alone carries a label: it is desirable where its rating is positive, undesirable otherwise.
 *
 * @param completions number of completions, at least 1
 * @param ratings a finite number for each completion, higher is better, hence not ascending; empty where the data give
 *     an order alone. One completion must have one.
 * @param group the preference source (an annotator, a data set) it belongs to; see group-weighted objectives
 * @param weight factor of its loss, finite and at least 0; 1 where the data say nothing
 */
public record Judgement(int completions, List<Double> ratings, String group, double weight) {

    /** Group of the judgements of a data set that names no preference sources. */
    public static final String ONLY_GROUP = "all";

    public Judgement {
        ratings = List.copyOf(ratings);
        if (completions < 1) {
            throw new IllegalArgumentException("completions must be at least 1, got " + completions);
        }
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight must be finite and at least 0, got " + weight);
        }
        if (ratings.size() != completions && (completions == 1 || !ratings.isEmpty())) {
            throw new IllegalArgumentException(
                    "ratings must be one a completion (" + completions + "), got " + ratings);
        }
        double last = Double.POSITIVE_INFINITY;
        for (double rating : ratings) {
            if (!(rating <= last && Double.isFinite(rating))) {
                throw new IllegalArgumentException("ratings must be finite and best first, got " + ratings);
            }
            last = rating;
        }
    }

    /** An order of completions without ratings, of the only group, with weight 1. */
    public static Judgement ordered(int completions) {
        return new Judgement(completions, List.of(), ONLY_GROUP, 1);
    }

    /** The label of one completion, of the only group, with weight 1. */
    public static Judgement labelled(boolean desirable) {
        return new Judgement(1, List.of(desirable ? 1.0 : 0.0), ONLY_GROUP, 1);
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

    /** Whether the first completion is one to imitate: the best of several, or labelled desirable. */
    public boolean isFirstDesirable() {
        return completions > 1 || ratings.get(0) > 0;
    }

    /**
     * Whether completion i is preferred to completion k &gt; i: of a list, not where both are rated the same. A pair is
     * chosen and rejected whatever its ratings.
     */
    public boolean prefers(int i, int k) {
        return isPair() || ratings.isEmpty() || ratings.get(i) > ratings.get(k);
    }

    /** The same with another weight. */
    public Judgement withWeight(double newWeight) {
        return new Judgement(completions, ratings, group, newWeight);
    }
}
