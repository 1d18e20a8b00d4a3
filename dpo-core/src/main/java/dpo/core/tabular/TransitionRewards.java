package dpo.core.tabular;

import dpo.core.backend.ExactRlhf.RewardFit;
import dpo.core.numeric.LogSpace;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.setting.Requirement;
import dpo.core.world.MarkovShape;
import java.util.List;

/**
 * The reward of each transition, fitted to pairs by Bradley–Terry with a ridge: Newton's method, whose steps are found by
 * conjugate gradients on the exact Hessian and halved until they descend.
 */
final class TransitionRewards {

    private static final int MOST_STEPS = 200;
    private static final double STATIONARY = 1e-11;
    private static final double ARMIJO = 1e-4;
    private static final int MOST_HALVINGS = 60;

    private final int[][] chosen;
    private final int[][] rejected;
    private final double[] shares;
    private final double ridge;
    private double[] rewards;
    private int steps;

    private TransitionRewards(int[][] chosen, int[][] rejected, double[] shares, double ridge, int entries) {
        this.chosen = chosen;
        this.rejected = rejected;
        this.shares = shares;
        this.ridge = ridge;
        this.rewards = new double[entries];
    }

    /** The fit; see {@link dpo.core.backend.ExactRlhf#solve}. */
    static TransitionRewards fit(MarkovShape shape, List<Preference> preferences, double ridge) {
        Requirement.positive("ridge", ridge);
        Requirement.atLeast("preferences", preferences.size(), 1);
        TabularSequences sequences = new TabularSequences(shape);
        int pairs = preferences.size();
        int[][] chosen = new int[pairs][];
        int[][] rejected = new int[pairs][];
        double[] shares = new double[pairs];
        for (int j = 0; j < pairs; j++) {
            Preference pair = preferences.get(j);
            pair.label().requirePair();
            chosen[j] = entries(sequences, pair.completions().get(0));
            rejected[j] = entries(sequences, pair.completions().get(1));
            shares[j] = pair.label().weight() / pairs;
        }
        TransitionRewards fitted = new TransitionRewards(chosen, rejected, shares, ridge, shape.entries());
        fitted.minimise();
        return fitted;
    }

    private static int[] entries(TabularSequences sequences, TokenSequence sequence) {
        return sequences.entries(List.of(sequence), sequence.scoredTokens());
    }

    /** The reward of each entry of the shape's tables. */
    double[] rewards() {
        return rewards.clone();
    }

    /** How good the fit is. */
    RewardFit fit() {
        return new RewardFit(loss(rewards), largest(gradient(rewards)), steps);
    }

    private void minimise() {
        double[] gradient = gradient(rewards);
        while (steps < MOST_STEPS && largest(gradient) > STATIONARY) {
            steps++;
            double[] direction = newtonDirection(gradient);
            double[] next = descended(direction, dot(direction, gradient));
            if (next == rewards) {
                return; // Rounding allows no further descent.
            }
            rewards = next;
            gradient = gradient(rewards);
        }
    }

    private double[] descended(double[] direction, double slope) {
        double here = objective(rewards);
        double share = 1;
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            double[] next = plus(rewards, share, direction);
            double there = objective(next);
            boolean isFlat = Math.abs(there - here) <= 1e-13 * Math.abs(here);
            if (there <= here + ARMIJO * share * slope
                    || (isFlat && largest(gradient(next)) < largest(gradient(rewards)))) {
                return next;
            }
            share /= 2;
        }
        return rewards;
    }

    /** −H⁻¹g by conjugate gradients. */
    private double[] newtonDirection(double[] gradient) {
        double[] curvatures = curvatures();
        double[] direction = new double[gradient.length];
        double[] residual = times(gradient, -1);
        double[] search = residual.clone();
        double norm = dot(residual, residual);
        double enough = 1e-24 * norm;
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

    private double[] curvatures() {
        double[] curvatures = new double[shares.length];
        for (int j = 0; j < curvatures.length; j++) {
            double margin = margin(rewards, j);
            curvatures[j] = shares[j] * LogSpace.sigmoid(margin) * LogSpace.sigmoid(-margin);
        }
        return curvatures;
    }

    private double[] hessianTimes(double[] vector, double[] curvatures) {
        double[] image = times(vector, ridge);
        for (int j = 0; j < curvatures.length; j++) {
            add(image, j, curvatures[j] * margin(vector, j));
        }
        return image;
    }

    private double[] gradient(double[] at) {
        double[] gradient = times(at, ridge);
        for (int j = 0; j < shares.length; j++) {
            add(gradient, j, -shares[j] * LogSpace.sigmoid(-margin(at, j)));
        }
        return gradient;
    }

    private double objective(double[] at) {
        return loss(at) + ridge / 2 * dot(at, at);
    }

    private double loss(double[] at) {
        double loss = 0;
        for (int j = 0; j < shares.length; j++) {
            loss -= shares[j] * LogSpace.logSigmoid(margin(at, j));
        }
        return loss;
    }

    private double margin(double[] table, int j) {
        double margin = 0;
        for (int entry : chosen[j]) {
            margin += table[entry];
        }
        for (int entry : rejected[j]) {
            margin -= table[entry];
        }
        return margin;
    }

    private void add(double[] table, int j, double slope) {
        for (int entry : chosen[j]) {
            table[entry] += slope;
        }
        for (int entry : rejected[j]) {
            table[entry] -= slope;
        }
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

    private static double dot(double[] vector, double[] other) {
        double sum = 0;
        for (int i = 0; i < vector.length; i++) {
            sum += vector[i] * other[i];
        }
        return sum;
    }

    private static double largest(double[] vector) {
        double largest = 0;
        for (double each : vector) {
            largest = Math.max(largest, Math.abs(each));
        }
        return largest;
    }
}
