package dpo.lab.estimation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.lab.Measured;
import dpo.lab.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of the default world that were computed outside of this library. */
class TwoStageIT {

    @Test
    void rlhf_with_the_true_reward_class_needs_a_fifth_of_the_pairs() {
        Measured measured = Measured.of(TwoStage.class, Map.of());
        assertThat(measured.outcome().verdict()).isEqualTo(Verdict.FAILS);
        double[] published = {650, 405, 253, 111};
        for (int i = 0; i < published.length; i++) {
            assertThat(measured.list("rlhf_constant").get(i)).isCloseTo(published[i], within(.51));
        }
        assertThat(measured.list("pairs_ratio").get(2)).isCloseTo(5.4, within(.05));
    }
}
