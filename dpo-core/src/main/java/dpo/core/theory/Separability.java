package dpo.core.theory;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

/**
 * Which judged pairs are linearly separable: pair j is, if a w exists with {@code D_j·w > 0} and {@code D_i·w ≥ 0} for all
 * pairs i. Along such a w the log-loss falls without bound, so a maximum-likelihood estimate exists if and only if no pair
 * is separable (Albert and Anderson 1984, Biometrika 71).
 *
 * <p>The linear program {@code max Σ_j D_j·w, D_j·w ≥ 0, −1 ≤ w ≤ 1} (Konis 2007, thesis, Oxford) has the value 0 if and
 * only if no pair is separable. Its solution may separate fewer pairs than another w does, so it is solved again for the
 * pairs on its boundary until the value is 0: if w₁ separates some pairs and w₂ some of the others, c·w₁ + w₂ separates
 * both for large c.
 *
 * @param separable of each pair, whether it is
 * @param byOneProgram number of pairs that the first program separates
 */
public record Separability(boolean[] separable, int byOneProgram) {

    /** A margin of the program's solution above this is not rounding. */
    private static final double POSITIVE = 1e-7;

    /**
     * Decides separability. The time grows about with the square of the number of pairs: some seconds for a thousand
     * pairs of a few hundred features.
     *
     * @param differences D, {@code [pair][feature]}
     */
    public static Separability of(SparseRows differences) {
        boolean[] separable = new boolean[differences.rows()];
        int byOneProgram = -1;
        while (true) {
            int[] open = IntStream.range(0, separable.length)
                    .filter(row -> !separable[row])
                    .toArray();
            double[] weights = solution(differences, open);
            int[] found = Arrays.stream(open)
                    .filter(row -> differences.dot(row, weights) > POSITIVE)
                    .toArray();
            for (int row : found) {
                separable[row] = true;
            }
            byOneProgram = byOneProgram < 0 ? found.length : byOneProgram;
            if (found.length == 0) {
                return new Separability(separable, byOneProgram);
            }
        }
    }

    /** Number of separable pairs. */
    public int count() {
        return (int) IntStream.range(0, separable.length)
                .filter(row -> separable[row])
                .count();
    }

    private static double[] solution(SparseRows differences, int[] rows) {
        double[] sum = new double[differences.columns()];
        for (int row : rows) {
            differences.addTo(sum, row, 1);
        }
        ExpressionsBasedModel program = new ExpressionsBasedModel();
        Variable[] weights = new Variable[sum.length];
        Arrays.setAll(
                weights, i -> program.newVariable("w" + i).lower(-1).upper(1).weight(sum[i]));
        for (int row : rows) {
            Expression margin = program.newExpression("pair" + row).lower(0);
            int[] indices = differences.indices(row);
            double[] values = differences.values(row);
            for (int k = 0; k < indices.length; k++) {
                margin.set(weights[indices[k]], values[k]);
            }
        }
        return verified(differences, rows, program.maximise());
    }

    private static double[] verified(SparseRows differences, int[] rows, Optimisation.Result result) {
        double[] weights = IntStream.range(0, differences.columns())
                .mapToDouble(result::doubleValue)
                .toArray();
        boolean isFeasible = Arrays.stream(rows).allMatch(row -> differences.dot(row, weights) >= -POSITIVE);
        if (!result.getState().isOptimal() || !isFeasible) {
            throw new IllegalStateException("linear program must be solved to optimality, got " + result.getState()
                    + " (" + rows.length + " pairs)");
        }
        return weights;
    }
}
