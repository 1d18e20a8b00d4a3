package dpo.core.numeric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankingTest {

    @Test
    void rank_correlation_gives_equal_values_their_mean_rank() {
        double[] first = {1, 2, 2, 4, 5};
        // The second number is scipy.stats.spearmanr's.
        assertThat(Ranking.correlation(first, new double[] {3, 1, 4, 4, 9}))
                .isCloseTo(0.7631578947368421, within(1e-15));
        assertThat(Ranking.correlation(first, new double[] {9, 7, 7, 3, 1})).isCloseTo(-1, within(1e-15));
    }

    @Test
    void rank_correlation_is_nan_for_equal_values_and_for_nan() {
        assertThat(Ranking.correlation(new double[] {1, 2, 3}, new double[3])).isNaN();
        assertThat(Ranking.correlation(new double[] {1, Double.NaN, 3}, new double[] {1, 2, 3}))
                .isNaN();
    }
}
