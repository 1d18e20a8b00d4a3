package dpo.core.backend;

/**
 * Expected reward and KL divergence of a policy, and of the optimal policy, in a world with a known reward.
 *
 * <p>The optimum of {@code max_π E[r] − β KL(π‖π_ref)} is {@code π* ∝ π_ref exp(r/β)} (arXiv:2305.18290, eq. 4). The
 * optima over all β form the frontier: no policy has a higher reward at the same divergence.
 */
public interface ExactEvaluation {

    /**
     * A point of the reward–KL plane.
     *
     * @param reward E_x E_{y~π} [r(x, y)]
     * @param kl E_x KL(π(·|x) ‖ π_ref(·|x)), nats
     */
    record RewardAndKl(double reward, double kl) {}

    /** The point of the policy with its current parameters. */
    RewardAndKl policy();

    /** The point of the optimum at β &gt; 0; {@code β = +∞} gives the reference. */
    RewardAndKl optimum(double beta);

    /**
     * How much the policy loses of {@code J_β(π) = E[r] − β KL(π‖π_ref)}: {@code J_β(π*_β) − J_β(π) = β KL(π‖π*_β)}.
     *
     * @param beta β &gt; 0, finite
     * @return in units of the reward, at least 0
     */
    double regret(double beta);
}
