package dpo.train.online;

/**
 * The loss of a value function in PPO:
 *
 * <pre>  (1/T) Σ_t ½ max((V_t − R_t)², (clip(V_t, V_old,t − ε, V_old,t + ε) − R_t)²),   R_t = A_t + V_old,t</pre>
 *
 * as in the code of Ziegler et al. 2019 (arXiv:1909.08593) and TRL.
 *
 * @param range ε; infinite for no clip
 */
record ClippedValueLoss(double range) {

    /**
     * A value with its gradient.
     *
     * @param value the loss
     * @param gradient with respect to V, {@code [row][0 … T]}; 0 after the last token
     */
    record Evaluation(double value, double[][] gradient) {}

    /**
     * Value and gradient on a part of the tokens of an update.
     *
     * @param values V, {@code [row][0 … T]}
     * @param old V_old, of the same shape
     * @param returns R, {@code [row][token]}
     * @param tokens number of tokens of the whole update
     */
    Evaluation evaluate(double[][] values, double[][] old, double[][] returns, long tokens) {
        double[][] gradient = new double[values.length][];
        double value = 0;
        for (int row = 0; row < values.length; row++) {
            gradient[row] = new double[values[row].length];
            for (int t = 0; t < returns[row].length; t++) {
                double free = values[row][t] - returns[row][t];
                double limited = Math.min(Math.max(values[row][t], old[row][t] - range), old[row][t] + range);
                double clipped = limited - returns[row][t];
                value += Math.max(free * free, clipped * clipped) / (2 * tokens);
                gradient[row][t] = free * free >= clipped * clipped ? free / tokens : 0;
            }
        }
        return new Evaluation(value, gradient);
    }
}
