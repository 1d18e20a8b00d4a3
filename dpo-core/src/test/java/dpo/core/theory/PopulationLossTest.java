package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.pairwise.RDpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.numeric.LogSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PopulationLossTest {

    private static final double[] REFERENCE = {0.5, 0.3, 0.2};
    private static final double[] REWARDS = {0, 1, -2};

    @Test
    void lengths_are_those_that_the_objective_sees() {
        int[] lengths = {1, 4, 2};
        double[] found = new PopulationLoss(
                        new RDpoLoss(0.5, 0.3), REFERENCE, AnswerPair.bradleyTerry(REFERENCE, REWARDS), lengths)
                .minimum()
                .point();
        double[] expected = new double[3];
        for (int a = 0; a < 3; a++) {
            expected[a] = Math.log(REFERENCE[a]) + (REWARDS[a] - 0.3 * lengths[a]) / 0.5;
        }
        assertThat(PopulationLoss.policy(found)).containsExactly(PopulationLoss.policy(expected), within(1e-9));
    }

    @Test
    void a_source_has_its_weight_whatever_its_share_of_the_pairs() {
        List<AnswerPair> pairs = new ArrayList<>();
        double[] half = {0.5, 0.5};
        AnswerPair.bradleyTerry(half, new double[] {2, 0}).forEach(pair -> pairs.add(pair.of("common", 0.9)));
        AnswerPair.bradleyTerry(half, new double[] {-1, 0}).forEach(pair -> pairs.add(pair.of("rare", 0.1)));
        SigmoidLoss loss = new SigmoidLoss(1, 0);
        double[] weighted = new PopulationLoss(
                        new GroupWeighted(loss, new GroupWeights.Own(Map.of("common", 0.3, "rare", 0.7))), half, pairs)
                .minimum()
                .point();
        double share = 0.3 * LogSpace.sigmoid(2) + 0.7 * LogSpace.sigmoid(-1);
        assertThat(weighted[0] - weighted[1]).isEqualTo(Math.log(share / (1 - share)), within(1e-9));
        double[] together = new PopulationLoss(loss, half, pairs).minimum().point();
        double mean = 0.9 * LogSpace.sigmoid(2) + 0.1 * LogSpace.sigmoid(-1);
        assertThat(together[0] - together[1]).isEqualTo(Math.log(mean / (1 - mean)), within(1e-9));
    }

    @Test
    void the_expected_sft_term_is_least_at_its_data() {
        ExpectedSft sft = new ExpectedSft(new SftLoss(SftLoss.Average.SUM), REFERENCE);
        double[] found = Newton.minimise(sft, new double[3], 100).point();
        assertThat(PopulationLoss.policy(found)).containsExactly(REFERENCE, within(1e-9));
        double entropy = -0.5 * Math.log(0.5) - 0.3 * Math.log(0.3) - 0.2 * Math.log(0.2);
        assertThat(sft.at(found).value()).isEqualTo(entropy, within(1e-12));
    }

    @Test
    void a_weighted_sum_and_a_line_have_the_gradients_of_their_values() {
        SmoothFunction sum = new PopulationLoss(
                        new SigmoidLoss(0.5, 0), REFERENCE, AnswerPair.bradleyTerry(REFERENCE, REWARDS))
                .plus(0.3, new ExpectedSft(new SftLoss(SftLoss.Average.SUM), REFERENCE));
        SmoothFunction line = sum.along(new double[] {0.1, 0.2, 0.3}, new double[] {1, -2, 0.5});
        double t = 0.7;
        double slope = (line.at(new double[] {t + 1e-5}).value()
                        - line.at(new double[] {t - 1e-5}).value())
                / 2e-5;
        assertThat(line.at(new double[] {t}).gradient()[0]).isEqualTo(slope, within(1e-9));
    }
}
