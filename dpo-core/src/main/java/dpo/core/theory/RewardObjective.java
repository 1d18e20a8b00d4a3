package dpo.core.theory;

import dpo.core.numeric.LogSpace;

/**
 * The objective of RLHF over finitely many answers, as a function to minimise of the policy's logits θ, π = softmax(θ):
 *
 * <pre>  −J_β(θ) = −Σ_a π_a r_a + β Σ_a π_a log(π_a / π_ref,a)</pre>
 *
 * (arXiv:2305.18290, eq. 3). Its minimum over all θ is at {@code π*_β ∝ π_ref exp(r/β)} (eq. 4).
 */
public final class RewardObjective implements SmoothFunction {

    private final double[] logReference;
    private final double[] rewards;
    private final double beta;

    /**
     * The objective.
     *
     * @param reference π_ref, positive probabilities of the answers
     * @param rewards r, reward of each answer
     * @param beta β &gt; 0
     */
    public RewardObjective(double[] reference, double[] rewards, double beta) {
        this.logReference = new double[reference.length];
        for (int a = 0; a < reference.length; a++) {
            logReference[a] = Math.log(reference[a]);
        }
        this.rewards = rewards.clone();
        this.beta = beta;
    }

    /** −J_β and {@code −∂J_β/∂θ_a = −π_a Σ_b π_b (A_a − A_b)} with {@code A_a = r_a − β log(π_a / π_ref,a)}. */
    @Override
    public At at(double[] logits) {
        double logSum = LogSpace.logSumExp(logits);
        double[] policy = PopulationLoss.policy(logits);
        double[] gains = new double[policy.length];
        double mean = 0;
        for (int a = 0; a < policy.length; a++) {
            gains[a] = rewards[a] - beta * (logits[a] - logSum - logReference[a]);
            mean += policy[a] == 0 ? 0 : policy[a] * gains[a];
        }
        double[] gradient = new double[policy.length];
        for (int a = 0; a < policy.length; a++) {
            // Not π_a (A_a − Σ_b π_b A_b): that would lose the small differences of a nearly certain answer.
            for (int b = 0; b < policy.length && policy[a] > 0; b++) {
                gradient[a] -= policy[b] == 0 ? 0 : policy[a] * policy[b] * (gains[a] - gains[b]);
            }
        }
        return new At(-mean, gradient);
    }

    /** Logits of the optimum, {@code log π_ref + r/β}. */
    public double[] optimum() {
        double[] logits = logReference.clone();
        for (int a = 0; a < logits.length; a++) {
            logits[a] += rewards[a] / beta;
        }
        return logits;
    }

    /** {@code J_β(π*_β) − J_β(softmax(θ))}, at least 0. */
    public double regret(double[] logits) {
        // Rounding may give a value just below 0.
        return Math.max(0, regret().at(logits).value());
    }

    /** The {@link #regret(double[]) regret} as a function of the logits, up to rounding. */
    public SmoothFunction regret() {
        double least = at(optimum()).value();
        return logits -> {
            At here = at(logits);
            return new At(here.value() - least, here.gradient());
        };
    }

    /** {@code KL(p‖q) = Σ_a p_a log(p_a / q_a)} of two distributions over answers, nats; 0 log 0 = 0. */
    public static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int a = 0; a < p.length; a++) {
            sum += p[a] == 0 ? 0 : p[a] * Math.log(p[a] / q[a]);
        }
        return sum;
    }
}
