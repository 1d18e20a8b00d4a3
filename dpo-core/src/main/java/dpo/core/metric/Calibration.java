package dpo.core.metric;

import java.util.Map;

/**
 * Calibration of the probabilities of an objective: how well they agree with the frequencies of labels, see
 * {@link PreferenceMetrics}.
 */
final class Calibration {

    private static final int BINS = 10;

    private final double[] confidence = new double[BINS];
    private final double[] right = new double[BINS];
    private final double[] variance = new double[BINS];
    private double squared;
    private long count;

    /** Adds a preference with its reward margin and the probability that the objective gives to its label. */
    void add(double margin, double probability) {
        double sure = Math.max(probability, 1 - probability);
        // NaN goes to the first bin and makes it NaN.
        int bin = Math.min(BINS - 1, (int) ((sure - 0.5) * 2 * BINS));
        confidence[bin] += sure;
        right[bin] += PreferenceMetrics.rightness(margin);
        variance[bin] += margin == 0 ? 0 : sure * (1 - sure);
        squared += (1 - probability) * (1 - probability);
        count++;
    }

    /** Puts the three metrics; none if no preference was added. */
    void put(Map<String, Double> values) {
        if (count == 0) {
            return;
        }
        double off = 0;
        double noise = 0;
        for (int bin = 0; bin < BINS; bin++) {
            off += Math.abs(right[bin] - confidence[bin]);
            noise += Math.sqrt(2 / Math.PI * variance[bin]);
        }
        values.put("rewards/brier", squared / count);
        values.put("rewards/calibration_error", off / count);
        values.put("rewards/calibration_error_floor", noise / count);
    }
}
