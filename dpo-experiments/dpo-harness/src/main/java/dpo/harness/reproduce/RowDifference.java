package dpo.harness.reproduce;

import dpo.harness.run.RowDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the rows of two data sets differ.
 *
 * @param recorded rows of the first
 * @param again rows of the second
 */
record RowDifference(List<RowDigest> recorded, List<RowDigest> again) {

    /** The number of rows that differ, and the first of them; empty if all are equal. */
    Optional<String> text() {
        int first = first();
        if (first == recorded.size() && first == again.size()) {
            return Optional.empty();
        }
        int added = extra(again, recorded);
        int removed = extra(recorded, again);
        String what = added == 0 && removed == 0
                ? "the same in another order"
                : added == removed ? added + (added == 1 ? " differs" : " differ") : counts(added, removed);
        List<RowDigest> longer = first < again.size() ? again : recorded;
        return Optional.of(what + ", the first is number " + (first + 1) + ", "
                + longer.get(first).id());
    }

    private static String counts(int added, int removed) {
        List<String> counts = new ArrayList<>();
        if (added > 0) {
            counts.add(added + " new");
        }
        if (removed > 0) {
            counts.add(removed + " missing");
        }
        return String.join(", ", counts);
    }

    /** The first place at which they differ. */
    private int first() {
        int shorter = Math.min(recorded.size(), again.size());
        for (int i = 0; i < shorter; i++) {
            if (!recorded.get(i).digest().equals(again.get(i).digest())) {
                return i;
            }
        }
        return shorter;
    }

    /** The number of rows that another data set does not have, or not as often. */
    private static int extra(List<RowDigest> rows, List<RowDigest> others) {
        Map<String, Integer> counts = new HashMap<>();
        others.forEach(row -> counts.merge(row.digest(), 1, Integer::sum));
        int extra = 0;
        for (RowDigest row : rows) {
            extra += counts.merge(row.digest(), -1, Integer::sum) < 0 ? 1 : 0;
        }
        return extra;
    }
}
