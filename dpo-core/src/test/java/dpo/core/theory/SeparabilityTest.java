package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SeparabilityTest {

    @Test
    void pairs_that_agree_are_separable_and_pairs_that_contradict_each_other_are_not() {
        assertThat(Separability.of(BradleyTerryTest.rows(new double[][] {{1}, {2}}))
                        .separable())
                .containsExactly(true, true);
        assertThat(Separability.of(BradleyTerryTest.rows(new double[][] {{1}, {-2}}))
                        .separable())
                .containsExactly(false, false);
    }

    @Test
    void a_contradiction_in_one_direction_leaves_pairs_separable_in_another() {
        double[][] pairs = {{1, 0}, {-1, 0}, {-1, 1}, {0, 0}};
        assertThat(Separability.of(BradleyTerryTest.rows(pairs)).separable())
                .containsExactly(false, false, true, false);
    }

    @Test
    void what_one_program_leaves_on_its_boundary_is_found_by_the_next() {
        // The sum (2, 0, 1) is largest at w = (1, 1, ·), where the last pair but one has margin 0.
        double[][] pairs = {{1, -1, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        Separability result = Separability.of(BradleyTerryTest.rows(pairs));
        assertThat(result.count()).isEqualTo(4);
        assertThat(result.byOneProgram()).isLessThanOrEqualTo(4);
    }

    @Test
    void the_separable_pairs_are_those_whose_margins_grow_without_bound_in_the_fit() {
        SplittableRandom random = new SplittableRandom(11);
        for (int trial = 0; trial < 20; trial++) {
            double[][] all = new double[14][8];
            for (double[] row : all) {
                for (int k = 0; k < 3; k++) {
                    row[random.nextInt(8)] += random.nextBoolean() ? 1 : -1;
                }
            }
            SparseRows rows = BradleyTerryTest.rows(all);
            BradleyTerry.Fit fit = BradleyTerry.fit(rows, 0);
            Separability result = Separability.of(rows);
            assertThat(fit.isConverged()).isEqualTo(result.count() == 0);
            for (int row = 0; row < 14; row++) {
                assertThat(result.separable()[row]).isEqualTo(rows.dot(row, fit.weights()) > 18);
            }
        }
    }
}
