package dpo.core.sequence;

import java.util.ArrayList;
import java.util.List;

/**
 * The pairs that a ranked list is turned into, for objectives of pairs.
 *
 * <p>Each pair has an equal share of the list's weight, so that a prompt counts the same however many completions it
 * has. Ratings and source are kept. Pair {@code i-k} of the list {@code ID} is called {@code ID/i-k}, completions counted
 * from 1. Completions that are rated the same form no pair.
 */
public enum RankedPairs {
    /** Every completion against every one ranked after it: K(K − 1)/2 pairs. */
    ALL,
    /** The best completion against each other one: K − 1 pairs. */
    BEST_AGAINST_EACH;

    /**
     * The pairs of a list, in the order of their ranks; none where all completions are rated the same.
     *
     * @throws IllegalArgumentException where there is one completion, which has a label and no rank
     */
    public List<Preference> of(Preference list) {
        int completions = list.completions().size();
        if (completions < 2) {
            throw new IllegalArgumentException(
                    "completions must be at least two, best first, got " + completions + " (" + list.id() + ")");
        }
        List<Preference> pairs = new ArrayList<>();
        for (int i = 0; i < (this == ALL ? completions : 1); i++) {
            for (int k = i + 1; k < completions; k++) {
                List<Double> ratings = ratings(list.judgement(), i, k);
                if (ratings.isEmpty() || ratings.get(0) > ratings.get(1)) {
                    pairs.add(new Preference(
                            list.id() + "/" + (i + 1) + "-" + (k + 1),
                            List.of(list.completions().get(i), list.completions().get(k)),
                            new Judgement(2, ratings, list.judgement().group(), 1)));
                }
            }
        }
        double share = list.judgement().weight() / Math.max(1, pairs.size());
        pairs.replaceAll(pair ->
                new Preference(pair.id(), pair.completions(), pair.judgement().withWeight(share)));
        return List.copyOf(pairs);
    }

    private static List<Double> ratings(Judgement judgement, int i, int k) {
        List<Double> ratings = judgement.ratings();
        return ratings.isEmpty() ? ratings : List.of(ratings.get(i), ratings.get(k));
    }
}
