package dpo.data.tokenization;

import dpo.core.sequence.PreferencePair;
import java.util.List;

/**
 * Tokenised preferences.
 *
 * @param pairs in the order of the examples
 * @param report what was dropped, cut or in doubt
 */
public record TokenizedPairs(List<PreferencePair> pairs, TokenizationReport report) {

    public TokenizedPairs {
        pairs = List.copyOf(pairs);
    }
}
