package dpo.data.tokenization;

import dpo.core.sequence.Preference;
import java.util.List;

/**
 * Tokenised preferences.
 *
 * @param pairs in the order of the examples
 * @param report what was dropped, cut or in doubt
 */
public record TokenizedPairs(List<Preference> pairs, TokenizationReport report) {

    public TokenizedPairs {
        pairs = List.copyOf(pairs);
    }
}
