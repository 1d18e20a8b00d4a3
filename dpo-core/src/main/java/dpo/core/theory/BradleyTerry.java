package dpo.core.theory;

import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;

/**
 * The maximum-likelihood estimate of a linear reward from judged pairs (Bradley and Terry 1952): the minimiser of
 *
 * <pre>  L(w) = −(1/n) Σ_j log σ(D_j·w) + (ridge/2) |w|²,      D_j = φ(y_w) − φ(y_l),</pre>
 *
 * by Newton's method with the exact Hessian {@code (1/n) Σ_j σ′(D_j·w) D_j D_jᵀ + ridge·1} and backtracking.
 *
 * <p>In a class that holds every log-ratio of the policy, its optimum {@code π ∝ π_ref exp(r/β)} is the policy of least
 * sigmoid loss, for every β (arXiv:2305.18290, section 5). Without ridge there is no estimate where the pairs are
 * {@link Separability separable} (Albert and Anderson 1984, Biometrika 71): then w grows without bound.
 */
public final class BradleyTerry {

    private static final int MOST_ITERATIONS = 200;
    private static final int MOST_HALVINGS = 50;
    private static final double ARMIJO = 1e-4;

    /** The largest change of a weight in the last step of a converged fit. Where no minimum exists, steps stay near 1. */
    private static final double LAST_STEP = 1e-6;

    /** Below this slope further steps change nothing but weights that grow without bound. */
    private static final double FLAT = 1e-16;

    /** Added to the diagonal, relative to its largest number, so that unseen features do not make the Hessian singular. */
    private static final double JITTER = 1e-14;

    private final SparseRows differences;
    private final double ridge;

    private BradleyTerry(SparseRows differences, double ridge) {
        this.differences = differences;
        this.ridge = ridge;
    }

    /**
     * An estimate.
     *
     * @param weights ŵ, one per feature
     * @param loss mean log-loss of the pairs at ŵ, nats, without the ridge
     * @param slope the largest absolute partial derivative there, with the ridge
     * @param lastStep the largest change of a weight in the last step
     * @param iterations number of Newton steps
     */
    public record Fit(double[] weights, double loss, double slope, double lastStep, int iterations) {

        /** Whether the estimate is exact to rounding; false where none exists. */
        public boolean isConverged() {
            return lastStep < LAST_STEP;
        }
    }

    /**
     * Fits weights, from 0.
     *
     * @param differences D, {@code [pair][feature]}
     * @param ridge strength of the ridge, at least 0, per pair
     */
    public static Fit fit(SparseRows differences, double ridge) {
        Requirement.notNegative("ridge", ridge);
        return new BradleyTerry(differences, ridge).fit();
    }

    /** The mean log-loss of pairs under given weights, nats. */
    public static double loss(SparseRows differences, double[] weights) {
        double sum = 0;
        for (int row = 0; row < differences.rows(); row++) {
            sum -= LogSpace.logSigmoid(differences.dot(row, weights));
        }
        return sum / differences.rows();
    }

    private Fit fit() {
        double[] weights = new double[differences.columns()];
        double value = value(weights);
        double lastStep = Double.POSITIVE_INFINITY;
        int iterations = 0;
        while (iterations < MOST_ITERATIONS && lastStep >= LAST_STEP * 1e-4) {
            double[] gradient = gradient(weights);
            if (largest(gradient) < FLAT) {
                break;
            }
            double[] direction = direction(weights, gradient);
            double[] next = search(weights, value, direction, dot(direction, gradient));
            double nextValue = value(next);
            lastStep = largestDifference(next, weights);
            weights = next;
            value = nextValue;
            iterations++;
        }
        return new Fit(weights, loss(differences, weights), largest(gradient(weights)), lastStep, iterations);
    }

    private double value(double[] weights) {
        return loss(differences, weights) + ridge / 2 * dot(weights, weights);
    }

    private double[] gradient(double[] weights) {
        double[] gradient = new double[weights.length];
        for (int row = 0; row < differences.rows(); row++) {
            double wrong = LogSpace.sigmoid(-differences.dot(row, weights));
            differences.addTo(gradient, row, -wrong / differences.rows());
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] += ridge * weights[i];
        }
        return gradient;
    }

    /** {@code −H⁻¹ gradient}. */
    private double[] direction(double[] weights, double[] gradient) {
        double[][] hessian = new double[weights.length][weights.length];
        for (int row = 0; row < differences.rows(); row++) {
            double right = LogSpace.sigmoid(differences.dot(row, weights));
            differences.addSquareTo(hessian, row, right * (1 - right) / differences.rows());
        }
        double largest = Double.MIN_NORMAL;
        for (int i = 0; i < hessian.length; i++) {
            hessian[i][i] += ridge;
            largest = Math.max(largest, hessian[i][i]);
        }
        for (int i = 0; i < hessian.length; i++) {
            hessian[i][i] += JITTER * largest;
            for (int j = 0; j < i; j++) {
                hessian[j][i] = hessian[i][j];
            }
        }
        return new CholeskyDecomposition(new Array2DRowRealMatrix(hessian, false), 1e-12, 0)
                .getSolver()
                .solve(new ArrayRealVector(gradient, false).mapMultiply(-1))
                .toArray();
    }

    /** The first point of a backtracking line search that descends enough; the full step where rounding hides the descent. */
    private double[] search(double[] weights, double value, double[] direction, double slope) {
        double share = 1;
        double[] next = along(weights, direction, share);
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            double descent = value - value(next);
            if (descent >= -ARMIJO * share * slope || -slope <= 1e-13 * Math.max(value, Double.MIN_NORMAL)) {
                break;
            }
            share /= 2;
            next = along(weights, direction, share);
        }
        return next;
    }

    private static double[] along(double[] weights, double[] direction, double share) {
        double[] next = weights.clone();
        for (int i = 0; i < next.length; i++) {
            next[i] += share * direction[i];
        }
        return next;
    }

    private static double dot(double[] first, double[] second) {
        double sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += first[i] * second[i];
        }
        return sum;
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static double largestDifference(double[] first, double[] second) {
        double largest = 0;
        for (int i = 0; i < first.length; i++) {
            largest = Math.max(largest, Math.abs(first[i] - second[i]));
        }
        return largest;
    }
}
