package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.tabular.TabularModel;
import dpo.core.world.ControlledWorld;
import dpo.core.world.MarkovPolicy;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WorldLossTest {

    private final ControlledWorld world = new TabularModel(4, 3, 2, 5, 1.2, 1.5).world();
    private final List<Preference> pairs = world.samplePairs(6000, new RandomStreams(2).stream("pairs"));

    @Test
    void the_gradient_is_the_derivative_of_the_value() {
        WorldLoss loss = new WorldLoss(new SigmoidLoss(0.7, 0.1), world, new PreferenceBatch(pairs.subList(0, 50)));
        double[] logits =
                new SplittableRandom(4).doubles(world.shape().entries(), -1, 1).toArray();
        double[] gradient = loss.at(logits).gradient();
        for (int i = 0; i < logits.length; i++) {
            double[] above = logits.clone();
            double[] below = logits.clone();
            above[i] += 1e-5;
            below[i] -= 1e-5;
            double slope = (loss.at(above).value() - loss.at(below).value()) / 2e-5;
            assertThat(gradient[i]).isCloseTo(slope, within(1e-9));
        }
    }

    @Test
    void the_least_sigmoid_loss_is_at_the_optimum_of_the_estimated_reward_for_every_beta() {
        TransitionFeatures features = TransitionFeatures.ofPositions(world.shape());
        BradleyTerry.Fit fit = BradleyTerry.fit(features.differences(pairs), 0);
        assertThat(fit.isConverged()).isTrue();
        ControlledWorld estimated =
                new ControlledWorld(world.shape(), world.referenceLogits(), features.rewards(fit.weights()));
        for (double beta : new double[] {0.3, 1, 2.5}) {
            WorldLoss loss = new WorldLoss(new SigmoidLoss(beta, 0), world, new PreferenceBatch(pairs));
            Newton.Minimum direct = QuasiNewton.minimise(loss, world.referenceLogits(), 2000, 1e-11);
            assertThat(direct.value()).isCloseTo(fit.loss(), within(1e-12));
            MarkovPolicy found = MarkovPolicy.ofLogits(world.shape(), direct.point());
            MarkovPolicy expected = estimated.optimum(beta);
            for (int entry = 0; entry < world.shape().entries(); entry++) {
                assertThat(found.logProb(entry)).isCloseTo(expected.logProb(entry), within(1e-6));
            }
        }
    }
}
