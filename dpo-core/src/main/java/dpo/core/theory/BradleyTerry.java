package dpo.core.theory;

import dpo.core.numeric.LogSpace;
import dpo.core.setting.Requirement;
import java.util.Arrays;

/**
 * The maximum-likelihood estimate of a linear reward from judged pairs (Bradley and Terry 1952): the minimiser of
 *
 * <pre>  L(w) = −(1/n) Σ_j v_j log σ(D_j·w) + (ridge/2) |w|²,      D_j = φ(y_w) − φ(y_l),</pre>
 *
 * with weights v_j of the pairs, by Newton's method. A step solves {@code H d = −∇L} with the exact Hessian {@code H =
 * (1/n) Σ_j v_j σ′(D_j·w) D_j D_jᵀ + ridge·1} by conjugate gradients, which need products with D only, and is halved until
 * it descends.
 *
 * <p>In a class that holds every log-ratio of the policy, its optimum {@code π ∝ π_ref exp(r/β)} is the policy of least
 * sigmoid loss, for every β (arXiv:2305.18290, section 5). Without ridge there is no estimate where the pairs are
 * {@link Separability separable} (Albert and Anderson 1984, Biometrika 71): then w grows without bound.
 */
public final class BradleyTerry {

    private static final int MOST_ITERATIONS = 200;
    private static final int MOST_HALVINGS = 60;
    private static final double ARMIJO = 1e-4;

    /** The largest partial derivative of a minimum. */
    private static final double STATIONARY = 1e-11;

    /** The longest last step to a minimum. Where no minimum exists, steps stay near 1. */
    private static final double LAST_STEP = 1e-6;

    /** The squared residual of a step, relative to that of no step. */
    private static final double RESIDUAL = 1e-24;

    /** The squared residual that is rounding, which would grow in directions that the pairs do not determine. */
    private static final double ROUNDING = 1e-30;

    private final SparseRows differences;
    private final double[] shares;
    private final double ridge;

    private BradleyTerry(SparseRows differences, double[] shares, double ridge) {
        this.differences = differences;
        this.shares = shares;
        this.ridge = ridge;
    }

    /**
     * An estimate.
     *
     * @param weights ŵ, one per feature
     * @param loss mean log-loss of the pairs at ŵ, nats, without the ridge
     * @param slope the largest absolute partial derivative there, with the ridge
     * @param lastStep the largest change of a weight in the last step, which begins where the slope is below 1e-11
     * @param iterations number of Newton steps before the last
     */
    public record Fit(double[] weights, double loss, double slope, double lastStep, int iterations) {

        /** Whether the estimate is exact to rounding; false where none exists. */
        public boolean isConverged() {
            return lastStep < LAST_STEP;
        }
    }

    /** As {@link #fit(SparseRows, double[], double)}, with weights of 1. */
    public static Fit fit(SparseRows differences, double ridge) {
        double[] ones = new double[differences.rows()];
        Arrays.fill(ones, 1);
        return fit(differences, ones, ridge);
    }

    /**
     * Fits the weights of features, from 0.
     *
     * @param differences D, {@code [pair][feature]}, at least one pair
     * @param pairWeights v, at least 0, {@code [pair]}
     * @param ridge strength of the ridge, at least 0, per pair
     */
    public static Fit fit(SparseRows differences, double[] pairWeights, double ridge) {
        Requirement.notNegative("ridge", ridge);
        Requirement.atLeast("pairs", differences.rows(), 1);
        if (pairWeights.length != differences.rows()) {
            throw new IllegalArgumentException(
                    "pair weights must be one per pair (" + differences.rows() + "), got " + pairWeights.length);
        }
        double[] shares = Arrays.stream(pairWeights)
                .map(weight -> weight / pairWeights.length)
                .toArray();
        return new BradleyTerry(differences, shares, ridge).fit();
    }

    /** The mean log-loss of pairs under given weights of the features, nats. */
    public static double loss(SparseRows differences, double[] weights) {
        double sum = 0;
        for (int row = 0; row < differences.rows(); row++) {
            sum -= LogSpace.logSigmoid(differences.dot(row, weights));
        }
        return sum / differences.rows();
    }

    private Fit fit() {
        double[] weights = new double[differences.columns()];
        double[] gradient = gradient(weights);
        int iterations = 0;
        while (iterations < MOST_ITERATIONS && largest(gradient) > STATIONARY) {
            double[] direction = direction(weights, gradient);
            double[] next = descended(weights, gradient, direction);
            if (next == weights) {
                break; // Rounding allows no further descent.
            }
            weights = next;
            gradient = gradient(weights);
            iterations++;
        }
        double[] last = direction(weights, gradient);
        weights = plus(weights, 1, last);
        return new Fit(weights, loss(weights), largest(gradient(weights)), largest(last), iterations);
    }

    /** The first point of a backtracking line search that descends enough; the given point if there is none. */
    private double[] descended(double[] weights, double[] gradient, double[] direction) {
        double here = value(weights);
        double slope = dot(direction, gradient);
        double share = 1;
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            double[] next = plus(weights, share, direction);
            double there = value(next);
            boolean isFlat = Math.abs(there - here) <= 1e-13 * Math.abs(here);
            if (there <= here + ARMIJO * share * slope || (isFlat && largest(gradient(next)) < largest(gradient))) {
                return next;
            }
            share /= 2;
        }
        return weights;
    }

    /** {@code −H⁻¹ gradient}. */
    private double[] direction(double[] weights, double[] gradient) {
        double[] curvatures = curvatures(weights);
        double[] direction = new double[gradient.length];
        double[] residual = times(gradient, -1);
        double[] search = residual.clone();
        double norm = dot(residual, residual);
        double enough = Math.max(RESIDUAL * norm, ROUNDING);
        for (int i = 0; i < 2 * gradient.length && norm > enough; i++) {
            double[] image = hessianTimes(search, curvatures);
            double step = norm / dot(search, image);
            direction = plus(direction, step, search);
            residual = plus(residual, -step, image);
            double before = norm;
            norm = dot(residual, residual);
            search = plus(residual, norm / before, search);
        }
        return direction;
    }

    private double[] curvatures(double[] weights) {
        double[] curvatures = new double[shares.length];
        for (int j = 0; j < curvatures.length; j++) {
            double margin = differences.dot(j, weights);
            curvatures[j] = shares[j] * LogSpace.sigmoid(margin) * LogSpace.sigmoid(-margin);
        }
        return curvatures;
    }

    private double[] hessianTimes(double[] vector, double[] curvatures) {
        double[] image = times(vector, ridge);
        for (int j = 0; j < curvatures.length; j++) {
            differences.addTo(image, j, curvatures[j] * differences.dot(j, vector));
        }
        return image;
    }

    private double[] gradient(double[] weights) {
        double[] gradient = times(weights, ridge);
        for (int j = 0; j < shares.length; j++) {
            differences.addTo(gradient, j, -shares[j] * LogSpace.sigmoid(-differences.dot(j, weights)));
        }
        return gradient;
    }

    private double value(double[] weights) {
        return loss(weights) + ridge / 2 * dot(weights, weights);
    }

    private double loss(double[] weights) {
        double loss = 0;
        for (int j = 0; j < shares.length; j++) {
            loss -= shares[j] * LogSpace.logSigmoid(differences.dot(j, weights));
        }
        return loss;
    }

    private static double[] plus(double[] vector, double factor, double[] other) {
        double[] sum = new double[vector.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = vector[i] + factor * other[i];
        }
        return sum;
    }

    private static double[] times(double[] vector, double factor) {
        return plus(new double[vector.length], factor, vector);
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
}
