package dpo.core.logprob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenLogProbsTest {

    private static final TokenShape SHAPE = TokenShape.ofTurns(new int[] {1, 2}, new int[0], new int[] {2});
    private final TokenLogProbs logProbs = TokenLogProbs.of(SHAPE, new double[] {-1, -2, -3, -4, -5});

    @Test
    void sums_are_over_a_row_or_one_of_its_turns() {
        assertThat(logProbs.sum(0)).isEqualTo(-6);
        assertThat(logProbs.sum(1)).isZero();
        assertThat(logProbs.turnSum(0, 0)).isEqualTo(-1);
        assertThat(logProbs.turnSum(0, 1)).isEqualTo(-5);
        assertThat(logProbs.row(2)).containsExactly(-4, -5);
        TokenLogProbs reference = TokenLogProbs.of(SHAPE, new double[] {-2, -2, -2, -6, -6});
        assertThat(logProbs.logRatio(reference, 0)).isZero();
        assertThat(logProbs.logRatio(reference, 2)).isEqualTo(3);
        assertThat(logProbs.turnLogRatio(reference, 0, 1)).isEqualTo(-1);
    }

    @Test
    void a_slice_of_rows_keeps_values_and_turns() {
        TokenLogProbs last = logProbs.rows(1, 3);
        assertThat(last.shape()).isEqualTo(SHAPE.rows(1, 3));
        assertThat(last.toArray()).containsExactly(-4, -5);
        assertThat(logProbs.rows(2, 2).rows()).isZero();
    }

    @Test
    void values_are_not_shared() {
        double[] values = {-1};
        TokenLogProbs one = TokenLogProbs.of(TokenShape.ofTurns(new int[] {1}), values);
        values[0] = 7;
        one.toArray()[0] = 7;
        one.row(0)[0] = 7;
        assertThat(one.at(0)).isEqualTo(-1);
    }

    @Test
    void the_first_row_that_is_not_finite_is_found() {
        assertThat(logProbs.firstNonFiniteRow()).isEqualTo(-1);
        for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertThat(TokenLogProbs.of(SHAPE, new double[] {-1, -2, -3, -4, bad})
                            .firstNonFiniteRow())
                    .isEqualTo(2);
        }
    }

    @Test
    void another_number_of_values_than_the_shape_has_is_refused() {
        assertThatThrownBy(() -> TokenLogProbs.of(SHAPE, new double[4]))
                .hasMessage("values must hold one number per token (5), got 4");
        assertThatThrownBy(() -> TokenGradient.of(SHAPE, new double[6]))
                .hasMessage("values must hold one number per token (5), got 6");
    }

    @Test
    void gradients_are_added_scaled_and_joined_token_by_token() {
        TokenGradient gradient = TokenGradient.ofRowSums(SHAPE, new double[] {1, 9, -2});
        assertThat(gradient.toArray()).containsExactly(1, 1, 1, -2, -2);
        assertThat(gradient.times(3).plus(gradient).toArray()).containsExactly(4, 4, 4, -8, -8);
        assertThat(gradient.then(gradient).shape()).isEqualTo(SHAPE.then(SHAPE));
        assertThat(gradient.then(TokenGradient.zero(SHAPE)).row(2)).containsExactly(-2, -2);
        assertThat(gradient.then(TokenGradient.zero(SHAPE)).row(5)).containsExactly(0, 0);
        TokenGradient other = TokenGradient.zero(TokenShape.ofTurns(new int[] {5}));
        assertThatThrownBy(() -> gradient.plus(other)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_rows_of_a_batch_are_in_the_order_of_its_sequences() {
        TokenSequence one = TokenSequence.of(new int[] {1}, new int[] {2});
        TokenSequence two = TokenSequence.of(new int[] {1}, new int[] {2, 3});
        PreferenceBatch batch = new PreferenceBatch(List.of(
                new Preference("0", List.of(one, two), new Label(2, List.of(), "a", 1)),
                new Preference("1", List.of(two, one, one), new Label(3, List.of(3.0, 1.0, 1.0), "b", 0.5))));
        TokenShape shape = TokenShape.of(batch.sequences());
        PreferenceLogProbs all = new PreferenceLogProbs(
                TokenLogProbs.of(shape, new double[] {-1, -2, -3, -4, -5, -6, -7}),
                TokenLogProbs.of(shape, new double[7]),
                Labels.of(batch.labels()));
        assertThat(all.first(1)).isEqualTo(2);
        PreferenceLogProbs second = all.slice(1, 2);
        assertThat(second.policy().row(0)).containsExactly(-4, -5);
        assertThat(second.policy().row(2)).containsExactly(-7);
        assertThat(second.labels().get(0).group()).isEqualTo("b");
        assertThat(second.withWeights(new double[] {3}).labels().get(0))
                .isEqualTo(new Label(3, List.of(3.0, 1.0, 1.0), "b", 3));
        assertThat(PreferenceLogProbs.joined(List.of(all.slice(0, 1), second)))
                .usingRecursiveComparison()
                .isEqualTo(all);
        assertThat(batch.describe(1)).isEqualTo("0, rejected");
        assertThat(batch.describe(4)).isEqualTo("1, completion 3");
    }

    @Test
    void rows_of_both_sides_interleave_to_pairs() {
        TokenLogProbs chosen = TokenLogProbs.ofRows(new double[] {-1, -2}, new double[] {-3});
        TokenLogProbs rejected = TokenLogProbs.ofRows(new double[] {-4}, new double[] {-5, -6});
        TokenLogProbs pairs =
                PreferenceExamples.ofPairs(chosen, rejected, chosen, rejected).policy();
        assertThat(pairs.toArray()).containsExactly(-1, -2, -4, -3, -5, -6);
        assertThat(pairs.row(3)).containsExactly(-5, -6);
    }

    @Test
    void log_probs_of_another_shape_are_refused() {
        TokenLogProbs one = TokenLogProbs.ofRows(new double[] {-1}, new double[] {-1});
        TokenLogProbs two = TokenLogProbs.ofRows(new double[] {-1, -1}, new double[] {-1});
        Labels pair = Labels.of(List.of(Label.ordered(2)));
        assertThatThrownBy(() -> new PreferenceLogProbs(one, two, pair))
                .hasMessageContaining("reference log-probs must have the shape of the policy's");
        assertThatThrownBy(() -> new PreferenceLogProbs(one, one, Labels.of(List.of(Label.ordered(3)))))
                .hasMessage("log-probs must have one row per completion (3), got 2");
        assertThatThrownBy(() -> new PreferenceLogProbs(
                        one, one, pair, Map.of(TokenStatistic.LOG_SUM_SQUARED_PROBS, two), List.of()))
                .hasMessageContaining("LOG_SUM_SQUARED_PROBS must have the shape");
        assertThatThrownBy(() -> new PreferenceLogProbs(one, one, pair, Map.of(), List.of(1.0)))
                .hasMessage("mismatched must hold one number per completion (2), got 1");
    }

    @Test
    void a_gradient_of_row_sums_is_equal_for_all_tokens_of_a_row() {
        TokenGradient sums = TokenGradient.ofRowSums(SHAPE, new double[] {1, 2, 3});
        TokenGradient tokens = TokenGradient.of(SHAPE, sums.toArray());
        assertThat(sums.plus(tokens).toArray()).isEqualTo(tokens.plus(sums).toArray());
        assertThat(sums.plus(sums).toArray()).isEqualTo(tokens.times(2).toArray());
        assertThat(sums.then(tokens).toArray()).isEqualTo(tokens.then(sums).toArray());
        assertThat(sums.rows(1, 3).toArray()).isEqualTo(tokens.rows(1, 3).toArray());
        assertThat(sums.row(2)).isEqualTo(tokens.row(2));
    }
}
