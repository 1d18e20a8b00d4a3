package dpo.experiments.train;

import dpo.core.backend.ExactEvaluation.RewardAndKl;
import dpo.core.backend.ExactEvaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The exact reward–KL frontier of a known world: the optima π* ∝ π_ref exp(r/β) over all β. */
final class Frontier {

    private static final double LARGEST_LOG_BETA = Math.log(1e4);
    private static final double SMALLEST_LOG_BETA = Math.log(1e-4);
    private static final int POINTS = 121;
    private static final int BISECTIONS = 80;

    private Frontier() {}

    /** The best expected reward of any policy within a divergence of the reference. */
    static double rewardAt(ExactEvaluation world, double kl) {
        double low = SMALLEST_LOG_BETA;
        double high = LARGEST_LOG_BETA;
        // KL falls as β grows, so the β of a given KL is found by bisection.
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = 0.5 * (low + high);
            if (world.optimum(Math.exp(middle)).kl() > kl) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return world.optimum(Math.exp(high)).reward();
    }

    /** Points of the frontier as lines of {@code frontier.jsonl}, from the reference on, KL ascending. */
    static List<Map<String, Object>> points(ExactEvaluation world) {
        List<Map<String, Object>> points = new ArrayList<>();
        // The reference is the optimum at infinite β, which JSON writes as null.
        points.add(point(world, Double.POSITIVE_INFINITY));
        for (int i = 0; i < POINTS; i++) {
            double fraction = (double) i / (POINTS - 1);
            points.add(point(world, Math.exp(Math.log(1e2) + fraction * (Math.log(1e-2) - Math.log(1e2)))));
        }
        return points;
    }

    private static Map<String, Object> point(ExactEvaluation world, double beta) {
        RewardAndKl optimum = world.optimum(beta);
        Map<String, Object> point = new LinkedHashMap<>();
        point.put("beta", beta);
        point.put("reward", optimum.reward());
        point.put("kl", optimum.kl());
        return point;
    }
}
