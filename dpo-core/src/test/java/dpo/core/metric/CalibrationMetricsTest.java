package dpo.core.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.Rows;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The calibration of the probabilities of preferences, and its floor. */
class CalibrationMetricsTest {

    private static final PreferenceLoss DPO = new SigmoidLoss(0.5, 0);

    @Test
    void an_objective_without_a_probability_has_rewards_and_no_calibration() {
        Map<String, Double> values = Measured.valuesOf(new HingeLoss(0.5), Measured.THREE_PAIRS);
        assertThat(values)
                .containsKeys("rewards/margins", "rewards/accuracies", "groups/a/rewards/margins")
                .doesNotContainKeys("rewards/brier", "rewards/calibration_error", "rewards/calibration_error_floor");
    }

    @Test
    void calibration_compares_predicted_probabilities_with_label_frequencies() {
        // Reward margins 0.875, 0 and −1.25.
        double[] given = {1 / (1 + Math.exp(-0.875)), 0.5, 1 / (1 + Math.exp(1.25))};
        Map<String, Double> values = Measured.valuesOf(DPO, Measured.THREE_PAIRS);
        double brier = 0;
        for (double p : given) {
            brier += (1 - p) * (1 - p) / 3;
        }
        Measured.assertClose(values, "rewards/brier", brier);
        // Confidences 0.706 (right), 0.5 (a tie, half right) and 0.777 (wrong) lie in bins of their own.
        Measured.assertClose(values, "rewards/calibration_error", ((1 - given[0]) + 0 + (1 - given[2])) / 3);
        Measured.assertClose(
                values,
                "rewards/calibration_error_floor",
                Math.sqrt(2 / Math.PI)
                        * (Math.sqrt(given[0] * (1 - given[0])) + Math.sqrt(given[2] * (1 - given[2])))
                        / 3);
    }

    @Test
    void calibration_is_of_the_objectives_own_link() {
        // Margins 1.75, 0 and −2.5 times β: ½ + βΔ, clipped to [0, 1].
        double[] given = {0.5 + 0.2 * 1.75, 0.5, 0.5 - 0.2 * 2.5};
        Map<String, Double> values = Measured.valuesOf(new IpoLoss(0.2, Reduction.SUM), Measured.THREE_PAIRS);
        Measured.assertClose(values, "rewards/brier", ((1 - given[0]) * (1 - given[0]) + 0.25 + 1) / 3);
        Measured.assertClose(values, "rewards/calibration_error", ((1 - given[0]) + 0 + 1) / 3);
    }

    @Test
    void a_calibrated_policy_has_on_average_the_calibration_error_of_the_floor() {
        RandomGenerator random = new RandomStreams(7).stream("labels");
        int pairs = 138;
        int repeats = 400;
        double error = 0;
        double floor = 0;
        for (int repeat = 0; repeat < repeats; repeat++) {
            double[] logRatios = new double[2 * pairs];
            for (int j = 0; j < pairs; j++) {
                double confidence = 0.5 + 0.5 * (j + 0.5) / pairs;
                double margin = Math.log(confidence / (1 - confidence)) / 0.5;
                logRatios[2 * j] = random.nextDouble() < confidence ? margin : -margin;
            }
            Map<String, Double> values = Measured.valuesOf(DPO, Rows.pairs(logRatios));
            error += values.get("rewards/calibration_error") / repeats;
            floor += values.get("rewards/calibration_error_floor") / repeats;
        }
        assertThat(floor).isCloseTo(0.0846, within(0.0001));
        assertThat(error).isCloseTo(floor, within(3 * 0.021 / Math.sqrt(repeats)));
    }
}
