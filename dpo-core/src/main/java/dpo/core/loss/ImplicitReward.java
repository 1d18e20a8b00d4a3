package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import java.util.OptionalDouble;

/** The implicit reward of an objective, and the probability of a preference as a function of reward margins. */
@FunctionalInterface
public interface ImplicitReward {

    /**
     * The implicit reward r of each completion, {@code [row]}. The objective prefers the completion with the larger
     * reward. NaN if a log-probability is NaN; an empty completion has the reward of the log-probability 0.
     */
    double[] rewards(PreferenceLogProbs logProbs);

    /**
     * The probability P(y_w ≻ y_l) that the objective gives to a preference label, in [0, 1].
     *
     * <p>It is the label probability P for which the expected loss {@code P ℓ(x) + (1 − P) ℓ(−x)} of a pair has its
     * minimum at this margin x (the link of a composite loss, Reid and Williamson 2010, arXiv:0912.3301). If the
     * minimiser determines P, it is
     *
     * <pre>  P = ℓ′(−x) / (ℓ′(x) + ℓ′(−x))</pre>
     *
     * and P(−x) = 1 − P(x). Likelihood terms of chosen completions (NLL, SFT) are not part of ℓ. Values outside [0, 1]
     * are clipped. NaN at a NaN margin.
     *
     * @param margin difference of the two rewards, r_w − r_l
     * @return empty at every margin if the objective defines no such probability
     */
    default OptionalDouble probability(double margin) {
        return OptionalDouble.empty();
    }
}
