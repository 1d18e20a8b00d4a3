package dpo.core.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HessianTest {

    @Test
    void second_derivatives_are_those_of_a_function_known_in_closed_form() {
        SmoothFunction function = x -> new SmoothFunction.At(
                Math.exp(x[0]) * x[1] * x[1], new double[] {Math.exp(x[0]) * x[1] * x[1], 2 * Math.exp(x[0]) * x[1]});
        double[][] hessian = Hessian.at(function, new double[] {0.3, 2});
        double e = Math.exp(0.3);
        assertThat(hessian[0]).containsExactly(new double[] {4 * e, 4 * e}, within(1e-10));
        assertThat(hessian[1]).containsExactly(new double[] {4 * e, 2 * e}, within(1e-10));
    }

    @Test
    void eigenvalues_descend_and_the_first_eigenvector_belongs_to_the_largest() {
        double[][] matrix = {{2, 1}, {1, 2}};
        assertThat(Hessian.eigenvalues(matrix)).containsExactly(new double[] {3, 1}, within(1e-14));
        double[] first = Hessian.firstEigenvector(matrix);
        assertThat(first[0] * first[1]).isCloseTo(0.5, within(1e-14));
    }
}
