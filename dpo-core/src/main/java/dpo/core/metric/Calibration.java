package dpo.core.metric;

import dpo.core.numeric.LogSpace;
import java.util.Map;

/** How well σ(β · margin) foretells which completion is preferred, accumulated over pairs. */
final class Calibration {

    private static final int BINS = 10;

    private final double beta;
    private final double[] confidence = new double[BINS];
    private final double[] right = new double[BINS];
    private double squared;
    private long count;

    /** Calibration of rewards β times a log-ratio. */
    Calibration(double beta) {
        this.beta = beta;
    }

    void add(double margin) {
        double probability = LogSpace.sigmoid(beta * margin);
        double sure = Math.max(probability, 1 - probability);
        // NaN goes to the first bin and makes it NaN.
        int bin = Math.min(BINS - 1, (int) ((sure - 0.5) * 2 * BINS));
        confidence[bin] += sure;
        right[bin] += margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
        squared += (1 - probability) * (1 - probability);
        count++;
    }

    void put(Map<String, Double> values) {
        double off = 0;
        for (int bin = 0; bin < BINS; bin++) {
            off += Math.abs(right[bin] - confidence[bin]);
        }
        values.put("rewards/brier", squared / count);
        values.put("rewards/calibration_error", off / count);
    }
}
