package dpo.core.backend;

import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Laws of the distribution of the next token: it is one, and it depends on the tokens before and on nothing else, neither
 * on later tokens nor on the other sequences of a batch or the padding beside them.
 */
public interface NextTokenContract {

    /** A new small policy, with equal parameters at every call. */
    Policy open();

    /** At least four sequences of unequal lengths that the policy can score. */
    List<TokenSequence> sequences();

    /** Largest difference, in nats, between two computations of the same log-probability. */
    double tolerance();

    /** Number of tokens that may end a sequence, from id 0 on. */
    int completionVocabulary(Policy policy);

    @Test
    default void the_probabilities_of_all_next_tokens_sum_to_1() {
        try (Policy policy = open()) {
            for (TokenSequence sequence : sequences()) {
                int first = sequence.turns().get(0).start();
                for (int length : new int[] {first, sequence.length() - 1}) {
                    double[] logProbs = NextTokens.logProbs(
                            policy, Arrays.copyOf(sequence.ids(), length), completionVocabulary(policy));
                    assertThat(DoubleStream.of(logProbs).map(Math::exp).sum())
                            .as("sum of the probabilities after %s tokens of %s", length, sequence)
                            .isCloseTo(1, within(10 * tolerance()));
                }
            }
        }
    }

    @Test
    default void a_later_token_never_changes_the_log_probs_before_it() {
        try (Policy policy = open()) {
            for (TokenSequence sequence : sequences()) {
                int last = sequence.length() - 1;
                TokenSequence whole = new TokenSequence(sequence.ids(), List.of(new Span(1, last + 1)));
                double[] expected =
                        Arrays.copyOf(policy.logProbs(List.of(whole)).row(0), last - 1);
                List<TokenSequence> changed = IntStream.range(0, completionVocabulary(policy))
                        .filter(token -> token != sequence.id(last))
                        .mapToObj(token -> {
                            int[] ids = sequence.ids();
                            ids[last] = token;
                            return new TokenSequence(ids, whole.turns());
                        })
                        .toList();
                TokenLogProbs all = policy.logProbs(changed);
                for (int row = 0; row < changed.size(); row++) {
                    assertAllClose(
                            "log-probs before another last token",
                            Arrays.copyOf(all.row(row), last - 1),
                            expected,
                            tolerance());
                }
            }
        }
    }

    @Test
    default void padding_beside_a_longer_sequence_does_not_change_log_probs() {
        TokenSequence longest = Collections.max(sequences(), Comparator.comparingInt(TokenSequence::length));
        try (Policy policy = open()) {
            for (TokenSequence sequence : sequences()) {
                double[] alone = policy.logProbs(List.of(sequence)).row(0);
                assertAllClose(
                        "log-probs before a longer sequence",
                        policy.logProbs(List.of(sequence, longest)).row(0),
                        alone,
                        tolerance());
                assertAllClose(
                        "log-probs after longer sequences",
                        policy.logProbs(List.of(longest, longest, sequence)).row(2),
                        alone,
                        tolerance());
            }
        }
    }
}
