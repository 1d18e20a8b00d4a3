package dpo.harness.store;

import dpo.train.Frontier;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A line of {@code frontier.jsonl}.
 *
 * @param beta β of the optimum; infinite for the reference, which JSON writes as null
 * @param reward its expected reward
 * @param kl its KL from the reference, nats
 */
record FrontierLine(double beta, double reward, double kl) {

    static FrontierLine of(Frontier.Point point) {
        return new FrontierLine(
                point.beta(), point.optimum().reward(), point.optimum().kl());
    }

    /** The lines of some points. */
    static String text(List<Frontier.Point> points) {
        return points.stream().map(point -> Json.line(of(point)) + "\n").collect(Collectors.joining());
    }
}
