package dpo.lab.estimation;

import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.theory.SmoothFunction;
import dpo.core.theory.WorldLoss;
import dpo.core.world.MarkovPolicy;
import dpo.lab.Quantity;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sigmoid loss at the optimum {@code π̂_β ∝ π_ref exp(r̂/β)} of an estimated reward. Its value is the log-loss of r̂, and
 * its derivatives are those of the ridge {@code (λ/2) |r̂|²} with the opposite sign,
 *
 * <pre>  ∂L/∂θ(s, b) = −βλ (r̂(s, b) − π̂(b|s) Σ_a r̂(s, a)),</pre>
 *
 * 0 without a ridge: for every β the estimate is DPO's.
 */
final class SigmoidAtEstimate {

    private static final double TOLERANCE = 1e-9;

    private SigmoidAtEstimate() {}

    /**
     * The loss and its derivatives, for each β, beside the predictions.
     *
     * @param estimate r̂, in a class that holds the log-ratios of every policy
     * @param data the pairs of the estimate
     * @param ridge λ, on the rewards of all transitions; 0 for an estimate of most likelihood
     */
    static List<Quantity> quantities(
            EstimatedReward estimate, List<Preference> data, List<Double> betas, double ridge) {
        List<Point> points = betas.stream()
                .map(beta -> point(estimate, new PreferenceBatch(data), beta, ridge))
                .toList();
        double loss = estimate.fit().loss();
        return List.of(
                Quantity.near(
                        "sigmoid_loss",
                        "DPO's loss at π̂_β on the first data set used; expected: the log-loss of r̂",
                        points.stream().mapToDouble(Point::loss).toArray(),
                        betas.stream().mapToDouble(beta -> loss).toArray(),
                        TOLERANCE),
                Quantity.near(
                        "sigmoid_slope",
                        ridge == 0
                                ? "its largest derivative by a logit there"
                                : "its largest derivative by a logit there, with that of the ridge",
                        points.stream().mapToDouble(Point::slope).toArray(),
                        new double[points.size()],
                        TOLERANCE));
    }

    private record Point(double loss, double slope) {}

    private static Point point(EstimatedReward estimate, PreferenceBatch data, double beta, double ridge) {
        MarkovPolicy policy = estimate.policy(beta);
        int entries = estimate.world().shape().entries();
        double[] logits =
                IntStream.range(0, entries).mapToDouble(policy::logProb).toArray();
        SmoothFunction.At at = new WorldLoss(new SigmoidLoss(beta, 0), estimate.world(), data).at(logits);
        double[] rewards = estimate.estimated().rewards();
        int vocabulary = estimate.world().shape().vocabulary();
        double slope = 0;
        for (int entry = 0; entry < entries; entry++) {
            int state = entry / vocabulary * vocabulary;
            double sum = 0;
            for (int other = state; other < state + vocabulary; other++) {
                sum += rewards[other];
            }
            double ofRidge = beta * ridge * (rewards[entry] - Math.exp(policy.logProb(entry)) * sum);
            slope = Math.max(slope, Math.abs(at.gradient()[entry] + ofRidge));
        }
        return new Point(at.value(), slope);
    }
}
