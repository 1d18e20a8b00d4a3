package dpo.data.tokenization;

import dpo.core.sequence.Preference;
import java.util.List;

/**
 * Tokenised preferences.
 *
 * @param preferences in the order of the examples
 * @param report what was dropped, cut or in doubt
 */
public record TokenizedPreferences(List<Preference> preferences, TokenizationReport report) {

    public TokenizedPreferences {
        preferences = List.copyOf(preferences);
    }
}
