package dpo.train.online;

import java.util.Arrays;

/** Estimates of how much better an action is than the policy's average. */
final class Advantages {

    /** Added to the variance before a division. */
    private static final double EPSILON = 1e-8;

    private Advantages() {}

    /**
     * Generalised advantage estimation (Schulman et al. 2016, arXiv:1506.02438, eq. 16) of one completion:
     *
     * <pre>  A_t = δ_t + γ λ A_{t+1},   δ_t = r_t + γ V_{t+1} − V_t,   V_T = 0</pre>
     *
     * @param rewards r_t of each token
     * @param values V_t before each token; a further number, after the last token, is not read: the completion is over
     * @param gamma γ in [0, 1]
     * @param lambda λ in [0, 1]
     */
    static double[] generalised(double[] rewards, double[] values, double gamma, double lambda) {
        double[] advantages = new double[rewards.length];
        double later = 0;
        for (int t = rewards.length - 1; t >= 0; t--) {
            double next = t == rewards.length - 1 ? 0 : values[t + 1];
            later = rewards[t] + gamma * next - values[t] + gamma * lambda * later;
            advantages[t] = later;
        }
        return advantages;
    }

    /** The same with mean 0 and variance 1 over all numbers, which are of all rows. */
    static double[][] whitened(double[][] advantages) {
        double[] all = Arrays.stream(advantages).flatMapToDouble(Arrays::stream).toArray();
        double mean = Arrays.stream(all).average().orElse(0);
        double variance = Arrays.stream(all)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElse(0);
        return Arrays.stream(advantages)
                .map(row -> Arrays.stream(row)
                        .map(value -> (value - mean) / Math.sqrt(variance + EPSILON))
                        .toArray())
                .toArray(double[][]::new);
    }

    /**
     * The advantage of each completion over the mean of the others of its prompt (Ahmadian et al. 2024,
     * arXiv:2402.14740, section 3.2): {@code R_i − (1/(k−1)) Σ_{j≠i} R_j}.
     *
     * @param returns R of completions, those of a prompt one after another
     * @param perPrompt k, at least 2
     */
    static double[] leaveOneOut(double[] returns, int perPrompt) {
        double[] advantages = new double[returns.length];
        for (int i = 0; i < returns.length; i++) {
            int first = i - i % perPrompt;
            double others = 0;
            for (int j = first; j < first + perPrompt; j++) {
                others += j == i ? 0 : returns[j];
            }
            advantages[i] = returns[i] - others / (perPrompt - 1);
        }
        return advantages;
    }
}
