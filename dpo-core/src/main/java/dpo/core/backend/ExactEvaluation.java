package dpo.core.backend;

/**
 * Expected reward and divergence of a policy in a world whose true reward is known, and of that world's optimum.
 *
 * <p>The optimum of {@code max_π E[r] − β KL(π‖π_ref)} is {@code π* ∝ π_ref exp(r/β)} (arXiv:2305.18290, eq. 4); over
 * all β its points are the frontier that no policy can pass.
 */
public interface ExactEvaluation {

    /**
     * A point of the reward–KL plane.
     *
     * @param reward E_x E_{y~π} [r(x, y)]
     * @param kl E_x KL(π(·|x) ‖ π_ref(·|x)), nats
     */
    record RewardAndKl(double reward, double kl) {}

    /** The point of the policy as it stands. */
    RewardAndKl policy();

    /** The point of the optimum at β &gt; 0; {@code β = +∞} gives the reference. */
    RewardAndKl optimum(double beta);
}
