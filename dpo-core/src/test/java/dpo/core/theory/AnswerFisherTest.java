package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.numeric.LogSpace;
import org.junit.jupiter.api.Test;

class AnswerFisherTest {

    @Test
    void of_two_answers_the_constant_is_the_closed_form() {
        double p = 1 / (1 + Math.exp(-2 / 0.5) * 0.1);
        double s = LogSpace.sigmoid(2);
        double[][] information = AnswerFisher.information(new double[] {0.5, 0.5}, new double[] {2, 0});
        assertThat(AnswerFisher.regretConstant(new double[] {p, 1 - p}, information, 0.5))
                .isEqualTo(p * (1 - p) / (2 * 0.5 * s * (1 - s)), within(1e-12));
    }

    @Test
    void the_information_is_the_curvature_of_the_population_loss_in_the_rewards() {
        double[] sampling = {0.5, 0.3, 0.2};
        double[] rewards = {0, 1, -2};
        double beta = 0.4;
        double[][] hessian = Hessian.at(
                new PopulationLoss(
                        new SigmoidLoss(beta, 0),
                        sampling,
                        AnswerPair.bradleyTerry(new double[] {0.1, 0.2, 0.7}, rewards)),
                new RewardObjective(sampling, rewards, beta).optimum());
        double[][] information = AnswerFisher.information(new double[] {0.1, 0.2, 0.7}, rewards);
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++) {
                assertThat(hessian[a][b]).isEqualTo(beta * beta * information[a][b], within(1e-11));
            }
        }
    }
}
