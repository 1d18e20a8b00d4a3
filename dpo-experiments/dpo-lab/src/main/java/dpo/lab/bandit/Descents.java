package dpo.lab.bandit;

import dpo.core.theory.Hessian;
import dpo.core.theory.PopulationLoss;
import dpo.core.theory.RewardObjective;
import dpo.lab.Quantity;
import dpo.report.figure.Plot;
import dpo.report.figure.Plot.PlotAxis;
import dpo.report.figure.Plot.PlotScale;
import dpo.report.figure.Plot.PlotSeries;
import dpo.report.figure.Plot.PlotStyle;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gradient descents on one loss, measured by the KL divergence of their policy from the optimum.
 *
 * @param loss the loss of the logits
 * @param optimum the policy that they should reach
 */
record Descents(PopulationLoss loss, double[] optimum) {

    /** Distance from the minimum at which a descent is followed to see whether it returns. */
    private static final double NEARBY = 1e-5;

    /** Even: a step just above the critical one jumps from one side of the minimum to the other. */
    private static final int FOLLOWED = 100;

    private static final int HALVINGS = 60;
    private static final int SHOWN = 60;
    private static final double LEAST_SHOWN = 1e-16;

    /** A descent from given logits until {@code KL(π‖π*)} is below a bound. */
    GradientDescent.End from(double[] logits, double step, double bound, int mostSteps) {
        return new GradientDescent(loss, step).descend(logits, this::divergence, bound, mostSteps);
    }

    private double divergence(double[] logits) {
        return RewardObjective.kl(PopulationLoss.policy(logits), optimum);
    }

    /**
     * The step size above which a descent from near the minimum, in the direction of the largest curvature, moves away
     * from it; by bisection between two step sizes. NaN if it moves away at the smaller or returns at the larger one.
     */
    double criticalStep(double low, double high) {
        double[] minimum = loss.minimum().point();
        double[] direction = Hessian.firstEigenvector(Hessian.at(loss, minimum));
        if (movesAway(minimum, direction, low) || !movesAway(minimum, direction, high)) {
            return Double.NaN;
        }
        double returning = low;
        double leaving = high;
        for (int halving = 0; halving < HALVINGS; halving++) {
            double middle = (returning + leaving) / 2;
            if (movesAway(minimum, direction, middle)) {
                leaving = middle;
            } else {
                returning = middle;
            }
        }
        return (returning + leaving) / 2;
    }

    private boolean movesAway(double[] minimum, double[] direction, double step) {
        double[] start = minimum.clone();
        for (int i = 0; i < start.length; i++) {
            start[i] += NEARBY * direction[i];
        }
        GradientDescent descent = new GradientDescent(loss, step);
        double end = descent.descend(start, point -> distance(point, minimum), 0, FOLLOWED)
                .distance();
        return !(end <= distance(start, minimum));
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, a.length)
                .mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i]))
                .sum());
    }

    /** The divergence from the optimum against the number of steps from the uniform policy, at three step sizes. */
    Plot plot(double critical, double below, double above) {
        return new Plot(
                "convergence",
                "KL divergence from DPO's optimum during gradient descent from the uniform policy, at step sizes below"
                        + " and above the critical one, 2/λ_max = " + Quantity.shown(critical) + ".",
                new PlotAxis("step", PlotScale.LINEAR),
                new PlotAxis("KL(π‖π*), nats", PlotScale.LOGARITHMIC),
                List.of(curve(critical, below / 4), curve(critical, below), curve(critical, above)));
    }

    private PlotSeries curve(double critical, double share) {
        double[] steps = IntStream.rangeClosed(0, SHOWN).mapToDouble(i -> i).toArray();
        double[] kl = new double[SHOWN + 1];
        double[] point = new double[optimum.length];
        for (int i = 0; i <= SHOWN; i++) {
            kl[i] = Math.max(LEAST_SHOWN, divergence(point));
            point = from(point, share * critical, 0, 1).point();
        }
        return PlotSeries.of("step size " + Quantity.shown(share) + " · 2/λ_max", PlotStyle.LINE, steps, kl);
    }
}
