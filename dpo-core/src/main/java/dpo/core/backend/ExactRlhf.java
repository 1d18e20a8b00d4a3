package dpo.core.backend;

import dpo.core.sequence.Preference;
import java.util.List;

/**
 * Two-stage RLHF (Ouyang et al. 2022, arXiv:2203.02155) with both stages solved exactly, for a policy whose completions
 * can be summed over.
 */
@FunctionalInterface
public interface ExactRlhf {

    /**
     * The Bradley–Terry fit of the reward.
     *
     * @param loss mean over the pairs of {@code −log σ(r(y_w) − r(y_l))}, without the ridge term, nats
     * @param slope largest absolute partial derivative of the whole objective; 0 up to rounding
     * @param iterations Newton steps
     */
    record RewardFit(double loss, double slope, int iterations) {}

    /**
     * Fits the reward to pairs and sets the policy to {@code π ∝ π_ref exp(r̂/β)}, the optimum of {@code E[r̂] − β KL(π ‖
     * π_ref)} (arXiv:2305.18290, eq. 4), where
     *
     * <pre>  r̂ = argmin_r  (1/N) Σ_j −w_j log σ(r(y_w) − r(y_l)) + (ridge/2) ‖r‖²</pre>
     *
     * and ‖r‖ is the norm of the parameters of the reward.
     *
     * @param preferences pairs
     * <p>Without ridge, the policy is that of least sigmoid loss of the pairs at this β: DPO, trained until it converges.
     *
     * @param ridge at least 0; without one, separable pairs have no fit
     * @param beta β &gt; 0
     * @throws IllegalArgumentException if a preference is not a pair, a sequence cannot be judged, or no fit exists
     */
    RewardFit solve(List<Preference> preferences, double ridge, double beta);
}
