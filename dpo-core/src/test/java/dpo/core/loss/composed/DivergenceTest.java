package dpo.core.loss.composed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Divergence;
import dpo.core.loss.PairEvaluation;
import dpo.core.loss.Rows;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scores of f-divergences, by their formulas and limits. */
class DivergenceTest {

    private static final double[] LOG_RATIOS = {-30, -3, -0.5, 0, 0.25, 2, 20};

    @Test
    void f_dpo_is_dpo_of_the_scores_f_prime() {
        PreferenceLogProbs pair = Rows.pairs(2, -3);
        double forward = 0.1 * ((1 - Math.exp(-2)) - (1 - Math.exp(3)));
        double js = 0.1 * (Math.log(2 / (1 + Math.exp(-2))) - Math.log(2 / (1 + Math.exp(3))));
        double alpha = 0.1 * ((1 - Math.exp(-1)) / 0.5 - (1 - Math.exp(1.5)) / 0.5);
        assertThat(loss(new Divergence.ForwardKl(), pair)).isCloseTo(nll(forward), within(1e-14));
        assertThat(loss(new Divergence.JensenShannon(), pair)).isCloseTo(nll(js), within(1e-14));
        assertThat(loss(new Divergence.Alpha(0.5), pair)).isCloseTo(nll(alpha), within(1e-14));
        assertThat(loss(new Divergence.ReverseKl(), pair)).isCloseTo(nll(0.5), within(1e-14));
    }

    @Test
    void the_alpha_divergence_tends_to_the_reverse_kl_at_0_and_is_the_forward_kl_at_1() {
        for (double s : LOG_RATIOS) {
            assertThat(new Divergence.Alpha(0).score(s)).isEqualTo(s);
            assertThat(new Divergence.Alpha(1e-9).score(s)).isCloseTo(s, within(1e-6));
            assertThat(new Divergence.Alpha(1).score(s)).isEqualTo(new Divergence.ForwardKl().score(s));
            assertThat(new Divergence.Alpha(1).slope(s)).isEqualTo(new Divergence.ForwardKl().slope(s));
        }
    }

    @Test
    void every_score_grows_with_the_log_ratio_has_slope_1_at_0_and_stays_finite() {
        for (Divergence divergence : List.of(
                new Divergence.ReverseKl(),
                new Divergence.ForwardKl(),
                new Divergence.JensenShannon(),
                new Divergence.Alpha(0.5),
                new Divergence.Alpha(-2))) {
            double last = Double.NEGATIVE_INFINITY;
            for (double s : LOG_RATIOS) {
                assertThat(divergence.score(s)).as(divergence + " at " + s).isGreaterThan(last);
                last = divergence.score(s);
            }
            assertThat(divergence.score(0)).isZero();
            assertThat(divergence.slope(0))
                    .isCloseTo(divergence instanceof Divergence.JensenShannon ? 0.5 : 1, within(0.0));
            for (double extreme : new double[] {-1e5, 1e5}) {
                assertThat(divergence.score(extreme)).isFinite();
                assertThat(divergence.slope(extreme)).isFinite();
            }
            assertThat(divergence.score(Double.NaN)).isNaN();
        }
    }

    @Test
    void a_divergence_without_a_reference_and_a_nan_alpha_are_refused() {
        assertThatThrownBy(() -> new FDivergenceLoss(new SimPoLoss(2, 0.5), new Divergence.ForwardKl()))
                .hasMessage("divergence must be of an objective with a reference, got the reference-free simpo");
        assertThatThrownBy(() -> new Divergence.Alpha(Double.NaN)).hasMessage("alpha must be finite, got NaN");
    }

    private static double loss(Divergence divergence, PreferenceLogProbs pair) {
        return PairEvaluation.of(new FDivergenceLoss(new SigmoidLoss(0.1, 0), divergence), pair)
                .value();
    }

    private static double nll(double x) {
        return Math.log1p(Math.exp(-x));
    }
}
