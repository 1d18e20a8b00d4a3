package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence;
import java.util.List;

/**
 * Tokenised examples of D_SFT.
 *
 * @param sequences in the order of the examples
 * @param report what was dropped, cut or in doubt
 */
public record TokenizedCompletions(List<TokenSequence> sequences, TokenizationReport report) {

    public TokenizedCompletions {
        sequences = List.copyOf(sequences);
    }
}
