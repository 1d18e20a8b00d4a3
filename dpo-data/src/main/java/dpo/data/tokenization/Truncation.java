package dpo.data.tokenization;

import dpo.core.sequence.TokenSequence.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The treatment of a sequence of more than {@code max_length} tokens. An example is dropped and counted if one of
 * its completions has no scored token left; with {@code keep_start} these are the rows that TRL drops because the
 * prompt fills {@code max_length}.
 */
public enum Truncation {
    /** Keeps the first {@code max_length} tokens, truncating the completion; TRL's default. */
    KEEP_START {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return window(sequence, 0, Math.min(maxLength, sequence.ids().length));
        }
    },
    /** Keeps the last {@code max_length} tokens, truncating the prompt. */
    KEEP_END {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return window(sequence, Math.max(0, sequence.ids().length - maxLength), sequence.ids().length);
        }
    },
    /** Drops the example and counts it. */
    DROP {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return sequence;
        }
    },
    /** Stops with an error that names the example. */
    FAIL {
        @Override
        ScoredSequence cut(ScoredSequence sequence, int maxLength) {
            return sequence;
        }
    };

    /** The truncated sequence, possibly without spans. */
    abstract ScoredSequence cut(ScoredSequence sequence, int maxLength);

    /** Tokens {@code [from, to)}; the first one is not scored, because it has no context. */
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
