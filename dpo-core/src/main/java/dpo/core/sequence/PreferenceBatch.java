package dpo.core.sequence;

import java.util.ArrayList;
import java.util.List;

/**
 * The pairs of one micro-batch, in the order in which all per-pair results are given.
 *
 * @param pairs at least one pair
 */
public record PreferenceBatch(List<PreferencePair> pairs) {

    public PreferenceBatch {
        pairs = List.copyOf(pairs);
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("pairs must hold at least one pair, got none");
        }
    }

    /** Number of pairs. */
    public int size() {
        return pairs.size();
    }

    /** What a policy is asked to score: all chosen sequences, then all rejected ones; {@code 2 · size()} rows. */
    public List<TokenSequence> sequences() {
        List<TokenSequence> rows = new ArrayList<>(2 * pairs.size());
        pairs.forEach(pair -> rows.add(pair.chosen()));
        pairs.forEach(pair -> rows.add(pair.rejected()));
        return rows;
    }
}
