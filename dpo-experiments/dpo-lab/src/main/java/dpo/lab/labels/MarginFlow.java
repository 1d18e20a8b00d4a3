package dpo.lab.labels;

import dpo.core.theory.SmoothFunction;

/**
 * The gradient flow of the margin Δ of two answers under a loss of their logits, {@code dΔ/dt = −dL/dΔ}, from Δ = 0; by
 * the classical Runge–Kutta method of order 4 with steps that grow with the time.
 *
 * @param loss L of the two logits
 * @param logRatio log ρ, the difference of the reference's logits
 * @param rate factor from t to the scaled time s = rate · t, in which the flow varies on a scale of 1 + s
 */
record MarginFlow(SmoothFunction loss, double logRatio, double rate) {

    /** Step as a share of 1 + s: the error of a step is below 1e-10 of it. */
    private static final double SHARE = 0.01;

    /** Δ at some scaled times, ascending. */
    double[] marginsAt(double... scaledTimes) {
        double[] margins = new double[scaledTimes.length];
        double margin = 0;
        double time = 0;
        for (int i = 0; i < margins.length; i++) {
            while (time < scaledTimes[i]) {
                double step = Math.min(SHARE * (1 + time), scaledTimes[i] - time);
                margin = next(margin, step / rate);
                time = step < scaledTimes[i] - time ? time + step : scaledTimes[i];
            }
            margins[i] = margin;
        }
        return margins;
    }

    /** The first Δ of the integration that exceeds a bound; NaN if the flow does not increase Δ. */
    double marginBeyond(double bound) {
        double margin = 0;
        double time = 0;
        while (margin < bound) {
            double step = SHARE * (1 + time);
            double next = next(margin, step / rate);
            if (!(next > margin)) {
                return Double.NaN;
            }
            margin = next;
            time += step;
        }
        return margin;
    }

    private double next(double margin, double step) {
        double k1 = speed(margin);
        double k2 = speed(margin + step / 2 * k1);
        double k3 = speed(margin + step / 2 * k2);
        double k4 = speed(margin + step * k3);
        return margin + step * (k1 + 2 * k2 + 2 * k3 + k4) / 6;
    }

    /** −dL/dΔ. */
    private double speed(double margin) {
        return -loss.at(new double[] {logRatio + margin, 0}).gradient()[0];
    }
}
