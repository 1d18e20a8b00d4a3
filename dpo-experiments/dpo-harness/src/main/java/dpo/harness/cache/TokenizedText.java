package dpo.harness.cache;

import dpo.core.sequence.Preference;
import dpo.data.provenance.SourceProvenance;
import dpo.data.tokenization.TokenizationReport;
import java.util.List;

/**
 * The tokens of a text data set.
 *
 * @param preferences in the order of the file; examples of D_SFT have one completion each
 * @param source what was read
 * @param report what was tokenized
 * @param hash content hash of the preferences
 */
public record TokenizedText(
        List<Preference> preferences, SourceProvenance source, TokenizationReport report, String hash) {

    public TokenizedText {
        preferences = List.copyOf(preferences);
    }
}
