package dpo.core.theory;

import java.util.Arrays;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.DecompositionSolver;
import org.hipparchus.linear.QRDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * Minimises a smooth function by Newton's method with damping and backtracking. The Hessian is the central difference of
 * the gradient, so it suits up to some dozens of variables.
 */
public final class Newton {

    private static final double DIFFERENCE = 1e-5;
    private static final double LEAST_DAMPING = 1e-9;
    private static final double DAMPING_FACTOR = 10;
    private static final double ARMIJO = 1e-4;
    private static final int MOST_HALVINGS = 40;

    /** The largest change of a coordinate in a step, relative to the largest coordinate if that is above 1. */
    private static final double LONGEST_STEP = 2;

    /** The largest partial derivative at which a point counts as stationary. */
    private static final double STATIONARY = 1e-13;

    /** A point with a slope below this counts as converged if rounding prevents further progress. */
    private static final double CONVERGED = 1e-9;

    private Newton() {}

    /**
     * A minimum.
     *
     * @param point where it is
     * @param value the function's value there
     * @param slope the largest absolute partial derivative there
     * @param iterations number of Newton steps
     */
    public record Minimum(double[] point, double value, double slope, int iterations) {

        /** Whether the point is stationary to rounding; false if the function has no minimum, or not enough steps were made. */
        public boolean isConverged() {
            return slope < CONVERGED;
        }
    }

    /**
     * Minimises a function.
     *
     * @param start first point
     * @param mostIterations largest number of Newton steps
     */
    public static Minimum minimise(SmoothFunction function, double[] start, int mostIterations) {
        double[] point = start.clone();
        SmoothFunction.At here = function.at(point);
        int iterations = 0;
        while (iterations < mostIterations && here.slope() > STATIONARY) {
            double[] next = step(function, point, here);
            SmoothFunction.At there = function.at(next);
            iterations++;
            if (Arrays.equals(next, point) || (there.value() >= here.value() && there.slope() >= here.slope())) {
                break;
            }
            point = next;
            here = there;
        }
        return new Minimum(point, here.value(), here.slope(), iterations);
    }

    /** The next point: a damped Newton step, with more damping until it descends. */
    private static double[] step(SmoothFunction function, double[] point, SmoothFunction.At here) {
        RealMatrix hessian = hessian(function, point);
        double scale = Math.max(hessian.getNorm1(), Double.MIN_NORMAL);
        for (double damping = LEAST_DAMPING; damping < 1e12; damping *= DAMPING_FACTOR) {
            double[] direction = solve(hessian, damping * scale, here.gradient());
            double slope = dot(direction, here.gradient());
            if (slope < 0) {
                return search(function, point, here, direction, slope);
            }
        }
        return point;
    }

    private static double[] solve(RealMatrix hessian, double damping, double[] gradient) {
        RealMatrix damped = hessian.copy();
        for (int i = 0; i < gradient.length; i++) {
            damped.addToEntry(i, i, damping);
        }
        DecompositionSolver solver = new QRDecomposition(damped).getSolver();
        // Without a direction, more damping is tried.
        return solver.isNonSingular()
                ? solver.solve(new ArrayRealVector(gradient).mapMultiply(-1)).toArray()
                : new double[gradient.length];
    }

    /** The first point of a backtracking line search that descends enough, or whose slope is smaller. */
    private static double[] search(
            SmoothFunction function, double[] point, SmoothFunction.At here, double[] direction, double slope) {
        // A longer step may end where all derivatives of a function of a softmax vanish, far from its minimum.
        double share = Math.min(1, LONGEST_STEP * Math.max(1, largest(point)) / largest(direction));
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            double[] next = new double[point.length];
            for (int i = 0; i < next.length; i++) {
                next[i] = point[i] + share * direction[i];
            }
            SmoothFunction.At there = function.at(next);
            // Near the minimum the values differ by less than rounding, the slopes do not.
            boolean isFlat = Math.abs(there.value() - here.value()) <= 1e-12 * Math.max(1, Math.abs(here.value()));
            if (there.value() <= here.value() + ARMIJO * share * slope || (isFlat && there.slope() < here.slope())) {
                return next;
            }
            share /= 2;
        }
        return point;
    }

    private static RealMatrix hessian(SmoothFunction function, double[] point) {
        int size = point.length;
        RealMatrix hessian = new Array2DRowRealMatrix(size, size);
        for (int i = 0; i < size; i++) {
            double room = DIFFERENCE * Math.max(1, Math.abs(point[i]));
            double[] above = gradientAt(function, point, i, room);
            double[] below = gradientAt(function, point, i, -room);
            for (int j = 0; j < size; j++) {
                double entry = (above[j] - below[j]) / (4 * room);
                hessian.addToEntry(i, j, entry);
                hessian.addToEntry(j, i, entry);
            }
        }
        return hessian;
    }

    private static double[] gradientAt(SmoothFunction function, double[] point, int index, double room) {
        double[] moved = point.clone();
        moved[index] += room;
        return function.at(moved).gradient();
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static double dot(double[] first, double[] second) {
        double sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += first[i] * second[i];
        }
        return sum;
    }
}
