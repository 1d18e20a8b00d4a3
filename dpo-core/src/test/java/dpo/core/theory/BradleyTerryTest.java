package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BradleyTerryTest {

    /** Rows of a matrix with all columns. */
    static SparseRows rows(double[]... rows) {
        List<TreeMap<Integer, Double>> maps = new ArrayList<>();
        for (double[] row : rows) {
            TreeMap<Integer, Double> map = new TreeMap<>();
            for (int i = 0; i < row.length; i++) {
                map.put(i, row[i]);
            }
            maps.add(map);
        }
        return SparseRows.of(rows[0].length, maps);
    }

    @Test
    void the_estimate_of_one_difference_is_the_log_odds_of_its_wins() {
        BradleyTerry.Fit fit = BradleyTerry.fit(rows(new double[][] {{1}, {1}, {1}, {-1}}), 0);
        assertThat(fit.isConverged()).isTrue();
        assertThat(fit.weights()[0]).isCloseTo(Math.log(3), within(1e-12));
        assertThat(fit.loss()).isCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), within(1e-12));
    }

    @Test
    void three_answers_have_the_published_loss_and_gaps() {
        List<double[]> pairs = new ArrayList<>();
        addWins(pairs, 13, new double[] {-1, 0});
        addWins(pairs, 6, new double[] {0, -1});
        addWins(pairs, 11, new double[] {1, -1});
        BradleyTerry.Fit fit = BradleyTerry.fit(rows(pairs.toArray(double[][]::new)), 0);
        assertThat(fit.loss()).isCloseTo(.547164241, within(1e-9));
        assertThat(fit.weights()[0]).isCloseTo(.739894288, within(1e-9));
        assertThat(fit.weights()[1]).isCloseTo(1.719211622, within(1e-9));
    }

    private static void addWins(List<double[]> pairs, int wins, double[] difference) {
        for (int i = 0; i < 40; i++) {
            int sign = i < wins ? 1 : -1;
            pairs.add(new double[] {sign * difference[0], sign * difference[1]});
        }
    }

    @Test
    void with_a_ridge_the_gradient_of_the_likelihood_equals_the_ridge_times_the_weights() {
        SplittableRandom random = new SplittableRandom(3);
        double[][] all = new double[30][6];
        for (double[] row : all) {
            for (int i = 0; i < row.length; i++) {
                row[i] = random.nextInt(-1, 2);
            }
        }
        SparseRows rows = rows(all);
        BradleyTerry.Fit fit = BradleyTerry.fit(rows, 0.03);
        assertThat(fit.isConverged()).isTrue();
        for (int i = 0; i < 6; i++) {
            double[] above = fit.weights().clone();
            double[] below = fit.weights().clone();
            above[i] += 1e-5;
            below[i] -= 1e-5;
            double slope = (BradleyTerry.loss(rows, above) - BradleyTerry.loss(rows, below)) / 2e-5;
            assertThat(slope).isCloseTo(-0.03 * fit.weights()[i], within(1e-9));
        }
    }

    @Test
    void separable_pairs_have_no_estimate_without_ridge() {
        double[][] pairs = {{1, 0}, {0, 1}, {0, -1}};
        assertThat(BradleyTerry.fit(rows(pairs), 0).isConverged()).isFalse();
        assertThat(BradleyTerry.fit(rows(pairs), 1e-6).isConverged()).isTrue();
    }

    @Test
    void a_pair_of_weight_two_counts_as_two_pairs() {
        double[][] pairs = {{1, 0}, {-1, 1}, {0, 1}, {1, -2}};
        double[][] doubled = {{1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, -2}};
        BradleyTerry.Fit weighted = BradleyTerry.fit(rows(pairs), new double[] {2, 1, 1, 1}, 0.05);
        // The mean is over the number of pairs, and the ridge beside it.
        BradleyTerry.Fit repeated = BradleyTerry.fit(rows(doubled), 0.05 * 4 / 5);
        assertThat(weighted.weights()).containsExactly(repeated.weights(), within(1e-12));
        assertThat(weighted.loss()).isCloseTo(repeated.loss() * 5 / 4, within(1e-12));
    }

    @Test
    void directions_that_the_pairs_do_not_determine_stay_at_zero() {
        double[][] pairs = {{1, -1, 0}, {-1, 1, 0}, {1, -1, 0}, {1, -1, 0}};
        BradleyTerry.Fit fit = BradleyTerry.fit(rows(pairs), 0);
        assertThat(fit.isConverged()).isTrue();
        assertThat(fit.weights()).containsExactly(new double[] {Math.log(3) / 2, -Math.log(3) / 2, 0}, within(1e-12));
    }

    @Test
    void a_negative_ridge_is_refused() {
        assertThatThrownBy(() -> BradleyTerry.fit(rows(new double[] {1}), -1)).hasMessageContaining("ridge must be");
        assertThatThrownBy(() -> BradleyTerry.fit(rows(new double[] {1}), new double[2], 1))
                .hasMessageContaining("pair weights must be one per pair (1), got 2");
    }
}
