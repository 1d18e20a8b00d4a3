package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.List;

/**
 * The ids of a sequence with its scored turns, which unlike those of a {@link TokenSequence} may be empty.
 *
 * @param ids the ids; not copied, because instances do not leave the package
 * @param spans the scored turns
 */
record ScoredSequence(int[] ids, List<Span> spans) {

    TokenSequence sequence() {
        return new TokenSequence(ids, spans);
    }
}
