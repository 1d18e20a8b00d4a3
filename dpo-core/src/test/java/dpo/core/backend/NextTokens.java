package dpo.core.backend;

import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The distribution of the next token, by the log-probs of all tokens after a context. */
final class NextTokens {

    private NextTokens() {}

    /** log π of each of the tokens from 0 on after a context. */
    static double[] logProbs(Policy policy, int[] context, int tokens) {
        List<Span> last = List.of(new Span(context.length, context.length + 1));
        return policy.logProbs(IntStream.range(0, tokens)
                        .mapToObj(token -> {
                            int[] ids = Arrays.copyOf(context, context.length + 1);
                            ids[context.length] = token;
                            return new TokenSequence(ids, last);
                        })
                        .toList())
                .toArray();
    }

    /** The tokens of a sequence before the last one. */
    static int[] beforeLast(TokenSequence sequence) {
        return Arrays.copyOf(sequence.ids(), sequence.length() - 1);
    }
}
