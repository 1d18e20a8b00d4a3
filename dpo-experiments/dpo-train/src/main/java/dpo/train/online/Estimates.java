package dpo.train.online;

import java.util.Arrays;

/**
 * What PPO estimates from a rollout, {@code [row][token]}.
 *
 * @param values V before each token and after the last, when the completions were sampled
 * @param advantages A, which the surrogate weighs
 * @param returns R, which the value function learns
 */
record Estimates(double[][] values, double[][] advantages, double[][] returns) {

    /** The estimates of a rollout with the values of its prefixes. */
    static Estimates of(Rollout rollout, double[][] values, Ppo method, double beta) {
        double[][] advantages = new double[rollout.size()][];
        double[][] returns = new double[rollout.size()][];
        for (int row = 0; row < advantages.length; row++) {
            advantages[row] =
                    Advantages.generalised(tokenRewards(rollout, row, beta), values[row], method.gamma(), method.lam());
            returns[row] = new double[advantages[row].length];
            for (int t = 0; t < returns[row].length; t++) {
                returns[row][t] = advantages[row][t] + values[row][t];
            }
        }
        return new Estimates(values, method.whitenAdvantages() ? Advantages.whitened(advantages) : advantages, returns);
    }

    /** {@code −β (log π − log π_ref)} of each token, and r at the last. */
    static double[] tokenRewards(Rollout rollout, int row, double beta) {
        double[] policy = rollout.policy().row(row);
        double[] reference = rollout.reference().row(row);
        double[] rewards = new double[policy.length];
        Arrays.setAll(rewards, t -> -beta * (policy[t] - reference[t]));
        rewards[rewards.length - 1] += rollout.rewards()[row];
        return rewards;
    }

    /** {@code 1 − Var(R − V) / Var(R)} over all tokens; NaN if all returns are equal. */
    double explainedVariance() {
        double[] targets =
                Arrays.stream(returns).flatMapToDouble(Arrays::stream).toArray();
        double[] errors = new double[targets.length];
        int at = 0;
        for (int row = 0; row < returns.length; row++) {
            for (int t = 0; t < returns[row].length; t++) {
                errors[at] = targets[at] - values[row][t];
                at++;
            }
        }
        double variance = variance(targets);
        return variance == 0 ? Double.NaN : 1 - variance(errors) / variance;
    }

    private static double variance(double[] numbers) {
        double mean = Arrays.stream(numbers).average().orElse(0);
        return Arrays.stream(numbers)
                .map(each -> (each - mean) * (each - mean))
                .average()
                .orElse(0);
    }
}
