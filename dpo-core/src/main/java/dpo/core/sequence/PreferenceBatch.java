package dpo.core.sequence;

import java.util.List;

/**
 * The preferences of a micro-batch; all results have their order.
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

    /** The sequences to score, one row per completion: those of the first preference, best first, then the next. */
    public List<TokenSequence> sequences() {
        return preferences.stream()
                .flatMap(preference -> preference.completions().stream())
                .toList();
    }

    /** The label of each preference. */
    public List<Label> labels() {
        return preferences.stream().map(Preference::label).toList();
    }

    /** The name of a row of {@link #sequences()}, for messages. */
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
