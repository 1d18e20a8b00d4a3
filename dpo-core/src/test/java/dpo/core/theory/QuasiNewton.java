package dpo.core.theory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Minimises a smooth function of up to some thousands of variables by L-BFGS (Liu and Nocedal 1989, Mathematical
 * Programming 45) with a line search for the weak Wolfe conditions.
 */
public final class QuasiNewton {

    private static final int MEMORY = 30;
    private static final double ARMIJO = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int MOST_TRIALS = 40;

    private QuasiNewton() {}

    /** A step s and the change y of the gradient along it. */
    private record Update(double[] step, double[] change, double inverse) {}

    /**
     * Minimises a function.
     *
     * @param start first point
     * @param mostIterations largest number of steps
     * @param slope largest partial derivative of a point that is accepted as the minimum
     */
    public static Newton.Minimum minimise(SmoothFunction function, double[] start, int mostIterations, double slope) {
        double[] point = start.clone();
        SmoothFunction.At here = function.at(point);
        Deque<Update> updates = new ArrayDeque<>();
        int iterations = 0;
        while (iterations < mostIterations && here.slope() > slope) {
            double[] next = search(function, point, here, direction(here.gradient(), updates));
            SmoothFunction.At there = function.at(next);
            double[] step = combination(next, -1, point);
            double[] change = combination(there.gradient(), -1, here.gradient());
            double curvature = dot(step, change);
            if (!(curvature > 0)) {
                break; // no progress beyond rounding
            }
            updates.addFirst(new Update(step, change, 1 / curvature));
            if (updates.size() > MEMORY) {
                updates.removeLast();
            }
            point = next;
            here = there;
            iterations++;
        }
        return new Newton.Minimum(point, here.value(), here.slope(), iterations);
    }

    /** {@code −H gradient}, H the inverse Hessian that the updates imply. */
    private static double[] direction(double[] gradient, Deque<Update> updates) {
        double[] direction = combination(new double[gradient.length], -1, gradient);
        if (updates.isEmpty()) {
            return direction;
        }
        double[] factors = new double[updates.size()];
        int i = 0;
        for (Update update : updates) {
            factors[i] = update.inverse() * dot(update.step(), direction);
            direction = combination(direction, -factors[i++], update.change());
        }
        Update newest = updates.getFirst();
        double scale = 1 / (newest.inverse() * dot(newest.change(), newest.change()));
        direction = combination(new double[gradient.length], scale, direction);
        for (Iterator<Update> oldestFirst = updates.descendingIterator(); oldestFirst.hasNext(); ) {
            Update update = oldestFirst.next();
            double factor = factors[--i] - update.inverse() * dot(update.change(), direction);
            direction = combination(direction, factor, update.step());
        }
        return direction;
    }

    /** Bisection between a step that is too short and one that is too long. */
    private static double[] search(
            SmoothFunction function, double[] point, SmoothFunction.At here, double[] direction) {
        double slope = dot(direction, here.gradient());
        double tooShort = 0;
        double tooLong = Double.POSITIVE_INFINITY;
        double share = 1;
        double[] next = point;
        for (int trial = 0; trial < MOST_TRIALS; trial++) {
            next = combination(point, share, direction);
            SmoothFunction.At there = function.at(next);
            // Near the minimum the values differ by less than rounding.
            double room = 1e-14 * Math.max(1, Math.abs(here.value()));
            if (there.value() > here.value() + ARMIJO * share * slope + room) {
                tooLong = share;
            } else if (dot(direction, there.gradient()) < CURVATURE * slope) {
                tooShort = share;
            } else {
                break;
            }
            share = tooLong == Double.POSITIVE_INFINITY ? 2 * share : (tooShort + tooLong) / 2;
        }
        return next;
    }

    /** {@code first + factor · second}. */
    private static double[] combination(double[] first, double factor, double[] second) {
        double[] sum = first.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * second[i];
        }
        return sum;
    }

    private static double dot(double[] first, double[] second) {
        double sum = 0;
        for (int i = 0; i < first.length; i++) {
            sum += first[i] * second[i];
        }
        return sum;
    }
}
