package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence.Span;
import dpo.core.sequence.TokenSequence;
import java.util.List;

/**
 * A sequence in the making.
 *
 * @param ids not copied: instances do not leave the package
 * @param spans scored turns; may be empty, unlike those of a {@link TokenSequence}
 */
record ScoredSequence(int[] ids, List<Span> spans) {

    TokenSequence sequence() {
        return new TokenSequence(ids, spans);
    }
}
