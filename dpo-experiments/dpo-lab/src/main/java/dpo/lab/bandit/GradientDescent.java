package dpo.lab.bandit;

import dpo.core.theory.SmoothFunction;
import java.util.function.ToDoubleFunction;

/**
 * Gradient descent with a fixed step size, {@code θ ← θ − η ∇L(θ)}.
 *
 * @param function L
 * @param step η
 */
record GradientDescent(SmoothFunction function, double step) {

    /**
     * Where a descent ended.
     *
     * @param point the last point
     * @param steps number of steps made
     * @param distance of the last point
     */
    record End(double[] point, int steps, double distance) {}

    /** Descends until a distance is below a bound, or for a number of steps. */
    End descend(double[] start, ToDoubleFunction<double[]> distance, double bound, int mostSteps) {
        double[] point = start.clone();
        double left = distance.applyAsDouble(point);
        int steps = 0;
        while (steps < mostSteps && !(left < bound)) {
            double[] gradient = function.at(point).gradient();
            for (int i = 0; i < point.length; i++) {
                point[i] -= step * gradient[i];
            }
            steps++;
            left = distance.applyAsDouble(point);
        }
        return new End(point, steps, left);
    }
}
