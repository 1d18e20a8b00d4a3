package dpo.data.tokenization;

import dpo.core.sequence.Preference;
import java.util.List;

/**
 * Tokenized preferences.
 *
 * @param preferences in the order of the examples
 * @param report counts of dropped and truncated examples and of doubtful boundaries
 */
public record TokenizedPreferences(List<Preference> preferences, TokenizationReport report) {

    public TokenizedPreferences {
        preferences = List.copyOf(preferences);
    }
}
