package dpo.train;

import dpo.core.backend.ExactEvaluation;
import dpo.core.backend.ExactEvaluation.RewardAndKl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The exact reward–KL frontier of a controlled world: the optima π* ∝ π_ref exp(r/β) over all β. */
public final class Frontier {

    /** The names of the {@link #metrics} that do not depend on a β, in their order. */
    public static final List<String> METRICS = List.of("world/reward", "world/kl", "world/optimal_reward", "world/gap");

    /** The names of those that depend on a β. */
    static final List<String> METRICS_OF_BETA = List.of("world/regret", "world/target_reward", "world/target_kl");

    private static final double LARGEST_LOG_BETA = Math.log(1e4);
    private static final double SMALLEST_LOG_BETA = Math.log(1e-4);
    private static final int POINTS = 121;
    private static final int BISECTIONS = 80;

    private Frontier() {}

    /** The largest expected reward of a policy with at most this KL divergence from the reference. */
    public static double rewardAt(ExactEvaluation world, double kl) {
        double low = SMALLEST_LOG_BETA;
        double high = LARGEST_LOG_BETA;
        // KL decreases in β, so the β of a given KL is found by bisection.
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

    /**
     * A point of the frontier: the optimum at a β.
     *
     * @param beta β; infinite for the reference
     * @param optimum its expected reward and KL
     */
    public record Point(double beta, RewardAndKl optimum) {}

    /** Points of the frontier by ascending KL, beginning with the reference. */
    public static List<Point> points(ExactEvaluation world) {
        List<Point> points = new ArrayList<>();
        points.add(point(world, Double.POSITIVE_INFINITY));
        for (int i = 0; i < POINTS; i++) {
            double fraction = (double) i / (POINTS - 1);
            points.add(point(world, Math.exp(Math.log(1e2) + fraction * (Math.log(1e-2) - Math.log(1e2)))));
        }
        return points;
    }

    /**
     * {@code world/…}: expected reward and KL(πθ ‖ π_ref) of a policy over prompts and whole completions, the optimal
     * reward at this KL, and the difference of the two rewards. With a β also {@code world/regret}, which is β KL(πθ ‖
     * π*_β), and the expected reward and KL of π*_β, {@code world/target_…}.
     *
     * @param beta β that the training is for; empty if it has none
     */
    public static Map<String, Double> metrics(ExactEvaluation world, OptionalDouble beta) {
        RewardAndKl policy = world.policy();
        double best = rewardAt(world, policy.kl());
        List<Double> values = List.of(policy.reward(), policy.kl(), best, best - policy.reward());
        Map<String, Double> metrics = new LinkedHashMap<>();
        METRICS.forEach(name -> metrics.put(name, values.get(metrics.size())));
        beta.ifPresent(of -> {
            RewardAndKl target = world.optimum(of);
            metrics.put(METRICS_OF_BETA.get(0), world.regret(of));
            metrics.put(METRICS_OF_BETA.get(1), target.reward());
            metrics.put(METRICS_OF_BETA.get(2), target.kl());
        });
        return metrics;
    }

    private static Point point(ExactEvaluation world, double beta) {
        return new Point(beta, world.optimum(beta));
    }
}
