package dpo.core.loss.pairwise;

import static dpo.core.loss.PairExamples.nll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.PairwiseLoss.Pair;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import dpo.core.setting.SettingException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Settings and data for which the pairwise objectives are undefined. */
class PairwiseSettingsTest {

    @Test
    void a_pair_without_ratings_is_refused_by_objectives_of_ratings() {
        Pair unrated = new Pair(2, -3, 10, 20, Double.NaN);
        assertRefused(
                () -> new OdpoLoss(0.1, 1, OdpoLoss.Scale.LINEAR).pair(unrated),
                "rating gap of a pair must be finite, got NaN (odpo needs data with a rating of both completions)");
        assertRefused(
                () -> new OdpoLoss(0.1, 1, OdpoLoss.Scale.LOG).pair(unrated),
                "rating gap of a pair must be finite, got NaN (odpo needs data with a rating of both completions)");
        assertRefused(
                () -> new RpoLoss(RpoLoss.Distance.SQ, 0.1, 1).pair(new Pair(2, -3, 10, 20, Double.POSITIVE_INFINITY)),
                "rating gap of a pair must be finite, got Infinity (rpo needs data with a rating of both completions)");
        OdpoLoss logarithmic = new OdpoLoss(0.1, 1, OdpoLoss.Scale.LOG);
        for (double gap : new double[] {0, -0.5}) {
            assertRefused(
                    () -> logarithmic.pair(new Pair(2, -3, 10, 20, gap)),
                    "rating gap of a pair, for odpo with scale log, must be positive and finite, got " + gap);
        }
        assertThat(new OdpoLoss(0.1, 1, OdpoLoss.Scale.LINEAR)
                        .pair(new Pair(2, -3, 10, 20, -0.5))
                        .value())
                .isCloseTo(nll(1), within(1e-14));
    }

    @Test
    void the_probability_of_flipped_labels_is_below_one_half() {
        for (double rate : new double[] {-0.1, 0.5, Double.NaN}) {
            String refused = "label_smoothing must be in [0.0, 0.5), got " + rate;
            assertRefused(() -> new RobustLoss(0.1, rate), refused);
            assertRefused(() -> new SigmoidNormLoss(0.1, rate), refused);
            assertRefused(() -> new CpoLoss(0.1, rate, 1), refused);
        }
        assertRefused(() -> new ExoPairLoss(0.1, 0.5), "label_smoothing must be in [0.0, 0.5), got 0.5");
        assertRefused(() -> new ExoPairLoss(0.1, 0), "label_smoothing must be positive and finite, got 0.0");
    }

    @Test
    void scales_are_positive_and_finite() {
        for (double scale : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String beta = "beta must be positive and finite, got " + scale;
            for (ThrowingCallable made : List.<ThrowingCallable>of(
                    () -> new RobustLoss(scale, 0.1),
                    () -> new ExoPairLoss(scale, 0.1),
                    () -> new DiscoPopLoss(scale, 0.1),
                    () -> new SigmoidNormLoss(scale, 0.1),
                    () -> new NcaPairLoss(scale),
                    () -> new BcoPairLoss(scale),
                    () -> new SppoHardLoss(scale),
                    () -> new ApoZeroLoss(scale),
                    () -> new ApoDownLoss(scale),
                    () -> new DpopLoss(scale, 1),
                    () -> new CalDpoLoss(scale),
                    () -> new ChiPoLoss(scale, 1),
                    () -> new RDpoLoss(scale, 1),
                    () -> new OdpoLoss(scale, 1, OdpoLoss.Scale.LOG),
                    () -> new RpoLoss(RpoLoss.Distance.SQ, scale, 1),
                    () -> new SimPoLoss(scale, 1),
                    () -> new AlphaPoLoss(scale, 1, 1),
                    () -> new CpoLoss(scale, 0, 1))) {
                assertRefused(made, beta);
            }
            assertRefused(() -> new DiscoPopLoss(0.1, scale), "tau must be positive and finite, got " + scale);
            assertRefused(() -> new ChiPoLoss(0.1, scale), "max_reward must be positive and finite, got " + scale);
            assertRefused(
                    () -> new RpoLoss(RpoLoss.Distance.SQ, 1, scale), "eta must be positive and finite, got " + scale);
        }
    }

    @Test
    void weights_and_margins_are_at_least_zero_and_finite() {
        for (double weight : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
            String refused = " must be at least 0 and finite, got " + weight;
            assertRefused(() -> new DpopLoss(0.1, weight), "lambda" + refused);
            assertRefused(() -> new RDpoLoss(0.1, weight), "alpha" + refused);
            assertRefused(() -> new OdpoLoss(0.1, weight, OdpoLoss.Scale.LOG), "alpha" + refused);
            assertRefused(() -> new SimPoLoss(0.1, weight), "gamma" + refused);
            assertRefused(() -> new AlphaPoLoss(0.1, 1, weight), "gamma" + refused);
            assertRefused(() -> new CpoLoss(0.1, 0, weight), "nll_weight" + refused);
            assertRefused(() -> new OrpoLoss(weight), "lambda" + refused);
            assertRefused(() -> new SlicHfLoss(weight, 0), "delta" + refused);
            assertRefused(() -> new SlicHfLoss(1, weight), "lambda" + refused);
        }
        for (double shape : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertThatExceptionOfType(SettingException.class)
                    .isThrownBy(() -> new AlphaPoLoss(0.1, shape, 0))
                    .withMessage("alpha must be finite, got " + shape)
                    .matches(refused -> refused.key().equals("alpha"));
        }
    }

    private static void assertRefused(ThrowingCallable made, String message) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessage(message);
    }
}
