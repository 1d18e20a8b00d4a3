package dpo.core.sequence;

import java.util.List;

/**
 * The preferences of one micro-batch, in the order in which all results are given.
 *
 * @param preferences at least one
 */
public record PreferenceBatch(List<Preference> preferences) {

    public PreferenceBatch {
        preferences = List.copyOf(preferences);
        if (preferences.isEmpty()) {
            throw new IllegalArgumentException("preferences must hold at least one, got none");
        }
    }

    /** Number of preferences. */
    public int size() {
        return preferences.size();
    }

    /** What a policy is asked to score, a row a completion: those of the first preference, best first, then the next. */
    public List<TokenSequence> sequences() {
        return preferences.stream().flatMap(preference -> preference.completions().stream()).toList();
    }

    /** What the data say of each preference. */
    public List<Judgement> judgements() {
        return preferences.stream().map(Preference::judgement).toList();
    }

    /** Words for messages: whose row of {@link #sequences()} it is. */
    public String describe(int row) {
        int first = 0;
        for (Preference preference : preferences) {
            int completions = preference.completions().size();
            if (row < first + completions) {
                return preference.describe(row - first);
            }
            first += completions;
        }
        throw new IndexOutOfBoundsException("row must be in [0, " + first + "), got " + row);
    }
}
