package dpo.core.logprob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.PreferencePair;
import dpo.core.sequence.TokenSequence;
import java.util.List;
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
    void some_rows_keep_their_values_and_turns() {
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
            assertThat(TokenLogProbs.of(SHAPE, new double[] {-1, -2, -3, -4, bad}).firstNonFiniteRow()).isEqualTo(2);
        }
    }

    @Test
    void another_number_of_values_than_the_shape_has_is_refused() {
        assertThatThrownBy(() -> TokenLogProbs.of(SHAPE, new double[4]))
                .hasMessage("values must hold one number a token (5), got 4");
        assertThatThrownBy(() -> TokenGradient.of(SHAPE, new double[6]))
                .hasMessage("values must hold one number a token (5), got 6");
    }

    @Test
    void gradients_are_added_scaled_and_put_together_token_by_token() {
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
    void a_batch_is_taken_apart_in_the_order_of_its_sequences() {
        TokenSequence one = TokenSequence.of(new int[] {1}, new int[] {2});
        TokenSequence two = TokenSequence.of(new int[] {1}, new int[] {2, 3});
        PreferenceBatch batch = new PreferenceBatch(List.of(
                new PreferencePair("0", one, two, "a", 1), new PreferencePair("1", two, one, "b", 0.5)));
        TokenShape shape = TokenShape.of(batch.sequences());
        PreferenceLogProbs split = PreferenceLogProbs.of(
                batch, TokenLogProbs.of(shape, new double[] {-1, -2, -3, -4, -5, -6}),
                TokenLogProbs.of(shape, new double[6]));
        assertThat(split.policyChosen().row(1)).containsExactly(-2, -3);
        assertThat(split.policyRejected().row(0)).containsExactly(-4, -5);
        assertThat(split.policyRejected().row(1)).containsExactly(-6);
        assertThat(split.groups()).containsExactly("a", "b");
        assertThat(split.pairs(1, 2).weights()).containsExactly(0.5);
    }

    @Test
    void a_reference_of_another_shape_is_refused() {
        TokenLogProbs one = TokenLogProbs.ofRows(new double[] {-1});
        TokenLogProbs two = TokenLogProbs.ofRows(new double[] {-1, -1});
        assertThatThrownBy(() -> PreferenceLogProbs.of(one, one, two, one))
                .hasMessageContaining("reference log-probs must have the shape of the policy's")
                .hasMessageContaining("(chosen)");
        assertThatThrownBy(() -> PreferenceLogProbs.of(one, one, one, two)).hasMessageContaining("(rejected)");
        TokenLogProbs rows = TokenLogProbs.ofRows(new double[] {-1}, new double[] {-1});
        assertThatThrownBy(() -> PreferenceLogProbs.of(one, rows, one, rows))
                .hasMessageContaining("one row a pair (1)");
    }
}
