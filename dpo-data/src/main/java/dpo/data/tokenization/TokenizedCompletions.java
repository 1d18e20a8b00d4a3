package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence;
import java.util.List;

/**
 * Tokenized examples of D_SFT.
 *
 * @param sequences in the order of the examples
 * @param report counts of dropped and truncated examples and of doubtful boundaries
 */
public record TokenizedCompletions(List<TokenSequence> sequences, TokenizationReport report) {

    public TokenizedCompletions {
        sequences = List.copyOf(sequences);
    }
}
