package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What happens to a sequence of more than {@code max_length} tokens. An example of which a completion is left without a
 * scored token is dropped and counted, whatever the choice; with {@code keep_start} these are the rows that TRL drops
 * because the prompt fills {@code max_length}.
 */
public enum Truncation {
    /** The first {@code max_length} tokens are kept, the completion is cut; TRL's default. */
    KEEP_START {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return window(sequence, 0, Math.min(maxLength, sequence.ids().length));
        }
    },
    /** The last {@code max_length} tokens are kept, the prompt is cut. */
    KEEP_END {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return window(sequence, Math.max(0, sequence.ids().length - maxLength), sequence.ids().length);
        }
    },
    /** The row is left out and counted. */
    DROP {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return sequence;
        }
    },
    /** Tokenisation stops with a message that names the row. */
    FAIL {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return sequence;
        }
    };

    /** The part of a sequence that is kept; its spans may all be gone. */
    abstract ScoredSequence cut(ScoredSequence sequence, int maxLength);

    /** Tokens {@code [from, to)}; the first of them has no context any more, hence is not scored. */
    private static ScoredSequence window(ScoredSequence sequence, int from, int to) {
        List<Span> spans = new ArrayList<>();
        for (Span span : sequence.spans()) {
            int start = Math.max(span.start() - from, 1);
            int end = Math.min(span.end(), to) - from;
            if (start < end) {
                spans.add(new Span(start, end));
            }
        }
        return new ScoredSequence(Arrays.copyOfRange(sequence.ids(), from, to), spans);
    }
}
