package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.numeric.LogSpace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigmoidLossBoundsTest {

    @ParameterizedTest
    @ValueSource(doubles = {-700, -3, -1e-3, 0, 0.4, 5, 30})
    void pairs_of_equal_margins_attain_the_bound(double margin) {
        assertThat(SigmoidLossBounds.meanMargin(-LogSpace.logSigmoid(margin)))
                .isCloseTo(margin, within(1e-10 * Math.max(1, Math.abs(margin))));
    }

    @Test
    void the_bounds_of_a_loss_of_one_half_are_those_of_the_formulas() {
        assertThat(SigmoidLossBounds.meanMargin(0.5)).isCloseTo(0.43275, within(1e-5));
        assertThat(SigmoidLossBounds.wrongShare(0.5)).isCloseTo(0.7213, within(1e-4));
        assertThat(SigmoidLossBounds.wrongShare(2)).isEqualTo(1);
    }
}
