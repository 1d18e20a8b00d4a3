package dpo.train.online;

import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import java.util.stream.IntStream;

/**
 * The clipped surrogate of PPO (Schulman et al. 2017, arXiv:1707.06347, eq. 7), to be minimised:
 *
 * <pre>  (1/T) Σ_t max(−A_t ρ_t, −A_t clip(ρ_t, 1 − ε, 1 + ε)),   ρ_t = π(y_t) / π_old(y_t)</pre>
 *
 * At the border of the clip the slope is that of the inner side.
 *
 * @param range ε
 */
record ClippedSurrogate(double range) {

    /**
     * Value and gradient on a part of the tokens of an update.
     *
     * @param policy log π of each token
     * @param old log π_old, of the same shape
     * @param advantages A, {@code [row][token]}
     * @param tokens T, number of tokens of the whole update
     */
    LossEvaluation evaluate(TokenLogProbs policy, TokenLogProbs old, double[][] advantages, long tokens) {
        double[] slopes = new double[policy.shape().tokens()];
        double value = 0;
        for (int row = 0; row < policy.rows(); row++) {
            int start = policy.shape().start(row);
            for (int t = 0; t < policy.tokens(row); t++) {
                double advantage = advantages[row][t];
                double ratio = Math.exp(policy.at(start + t) - old.at(start + t));
                double free = -advantage * ratio;
                double clipped = -advantage * Math.min(Math.max(ratio, 1 - range), 1 + range);
                value += Math.max(free, clipped) / tokens;
                slopes[start + t] = free >= clipped ? free / tokens : 0;
            }
        }
        return new LossEvaluation(value, TokenGradient.of(policy.shape(), slopes));
    }

    /** Number of tokens whose ratio is outside of the range. */
    long clipped(TokenLogProbs policy, TokenLogProbs old) {
        return IntStream.range(0, policy.shape().tokens())
                .filter(i -> Math.abs(Math.exp(policy.at(i) - old.at(i)) - 1) > range)
                .count();
    }
}
