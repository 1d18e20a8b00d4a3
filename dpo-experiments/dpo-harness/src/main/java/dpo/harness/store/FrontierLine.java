package dpo.harness.store;

import dpo.train.Frontier;

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
}
