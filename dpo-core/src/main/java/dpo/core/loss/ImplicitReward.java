package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import java.util.OptionalDouble;

/** How an objective compares completions: a reward of each, and what their difference says of a preference. */
@FunctionalInterface
public interface ImplicitReward {

    /**
     * The implicit reward r of each completion, {@code [row]}. The objective prefers the completion with the larger
     * reward. NaN where a log-probability is NaN; an empty completion has the reward of the log-probability 0.
     */
    double[] rewards(PreferenceLogProbs logProbs);

    /**
     * The probability P(y_w ≻ y_l) that the objective gives to a preference label, in [0, 1].
     *
     * <p>This is the probability that the data must have for the expected loss {@code P ℓ(x) + (1 − P) ℓ(−x)} of a pair to
     * be least at this margin x (the link of a composite loss, Reid and Williamson 2010, arXiv:0912.3301):
     *
     * <pre>  P = ℓ′(−x) / (ℓ′(x) + ℓ′(−x))</pre>
     *
     * where the minimiser determines P. Then P(−x) = 1 − P(x). Terms that only imitate chosen completions (NLL, SFT)
     * are left out of ℓ. Probabilities beyond 0 or 1 are cut there. NaN at a NaN margin.
     *
     * @param margin difference of the two rewards, r_w − r_l
     * @return empty at every margin where the objective defines no such probability
     */
    default OptionalDouble probability(double margin) {
        return OptionalDouble.empty();
    }
}
