package dpo.core.loss.referencefree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.numeric.LogSpace;
import org.junit.jupiter.api.Test;

class UnlikelihoodLossTest {

    private static LossEvaluation evaluate(double alpha, double[] chosen, double[] rejected) {
        TokenLogProbs won = TokenLogProbs.ofRows(chosen);
        TokenLogProbs lost = TokenLogProbs.ofRows(rejected);
        PreferenceLogProbs pair = PreferenceExamples.ofPairs(won, lost, won, lost);
        return new UnlikelihoodLoss(alpha).evaluate(pair, Normalizer.of(pair));
    }

    @Test
    void each_rejected_token_is_trained_away_and_each_chosen_one_towards() {
        double half = Math.log(0.5);
        double fifth = Math.log(0.2);
        LossEvaluation evaluation = evaluate(0.3, new double[] {-1, -2}, new double[] {half, fifth});
        assertThat(evaluation.value()).isCloseTo(3 - 0.3 * (Math.log(0.5) + Math.log(0.8)), within(1e-15));
        assertThat(evaluation.gradient().row(0)).containsExactly(-1, -1);
        // d/dlog p of −log(1 − p) is p / (1 − p): 1 at a half, 1/4 at a fifth.
        assertThat(evaluation.gradient().row(1)).containsExactly(new double[] {0.3, 0.075}, within(1e-15));
    }

    @Test
    void without_unlikelihood_it_is_sft() {
        PreferenceLogProbs pairs = PreferenceExamples.random(5, 3);
        LossEvaluation sft = new SftLoss(SftLoss.Average.SUM).evaluate(pairs, Normalizer.of(pairs));
        LossEvaluation evaluation = new UnlikelihoodLoss(0).evaluate(pairs, Normalizer.of(pairs));
        assertThat(evaluation.value()).isCloseTo(sft.value(), within(1e-13));
        assertThat(evaluation.gradient().toArray())
                .containsExactly(sft.gradient().toArray(), within(1e-15));
    }

    @Test
    void it_is_finite_at_probability_one_and_at_probability_zero() {
        LossEvaluation evaluation = evaluate(2, new double[] {-1}, new double[] {0, -1e-300, -1e4});
        assertThat(evaluation.value()).isCloseTo(1 + 2 * 160, within(1e-9));
        assertThat(evaluation.gradient().row(1)[0]).isCloseTo(2 * Math.exp(80), within(1e22));
        assertThat(evaluation.gradient().row(1)[2]).isZero();
    }

    @Test
    void the_complement_is_exact_for_small_and_large_probabilities() {
        assertThat(LogSpace.logOfComplement(-1e-12)).isCloseTo(Math.log(1e-12), within(1e-11));
        assertThat(LogSpace.logOfComplement(-50)).isCloseTo(-Math.exp(-50), within(1e-36));
        assertThat(LogSpace.logOfComplementSlope(Math.log(0.75))).isCloseTo(-3, within(1e-14));
        assertThat(LogSpace.logOfComplementSlope(-1e4)).isZero();
    }

    @Test
    void a_negative_weight_is_refused() {
        assertThatThrownBy(() -> new UnlikelihoodLoss(-0.1)).hasMessageContaining("alpha must be at least 0");
    }
}
