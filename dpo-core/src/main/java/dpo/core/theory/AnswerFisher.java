package dpo.core.theory;

import dpo.core.numeric.LogSpace;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * What judged pairs of answers to one prompt tell about the rewards, and the regret of preference optimization with many
 * pairs.
 */
public final class AnswerFisher {

    private AnswerFisher() {}

    /**
     * The Fisher information of one pair about the rewards under the Bradley–Terry model,
     *
     * <pre>  I = E[σ′(r_a − r_b) (e_a − e_b)(e_a − e_b)ᵀ],</pre>
     *
     * over two different answers drawn independently. Constant vectors are in its kernel: rewards are known up to a
     * constant.
     *
     * @param sampling q, probability of each answer
     * @param rewards r
     * @return {@code [answer][answer]}
     */
    public static double[][] information(double[] sampling, double[] rewards) {
        double[][] information = new double[rewards.length][rewards.length];
        for (AnswerPair pair : AnswerPair.bradleyTerry(sampling, rewards)) {
            int a = pair.chosen();
            int b = pair.rejected();
            // P(a over b) σ(−d) = P(a, b) σ′(d). Both labels of a pair occur, each with half of its weight.
            double weight = pair.probability() * LogSpace.sigmoid(rewards[b] - rewards[a]) / 2;
            information[a][a] += weight;
            information[b][b] += weight;
            information[a][b] -= weight;
            information[b][a] -= weight;
        }
        return information;
    }

    /**
     * The limit of n times the expected regret {@code J_β(π*_β) − J_β(π)} of the policy fitted to n pairs:
     *
     * <pre>  n E[regret] → tr(Cov_π* I⁻¹) / (2β),</pre>
     *
     * since the fitted rewards differ from r by {@code N(0, I⁻¹/n)}, and the regret is a quadratic form in this
     * difference with the matrix {@code Cov / (2β)}, where Cov is the covariance of one-hot answers under π*_β.
     *
     * @param optimum π*_β, probability of each answer
     * @param information {@link #information}; each answer must be compared, directly or through others
     * @param beta β &gt; 0
     */
    public static double regretConstant(double[] optimum, double[][] information, double beta) {
        int free = optimum.length - 1; // the last reward is fixed, since a common constant does not matter
        RealMatrix covariance = new Array2DRowRealMatrix(free, free);
        for (int a = 0; a < free; a++) {
            for (int b = 0; b < free; b++) {
                covariance.setEntry(a, b, (a == b ? optimum[a] : 0) - optimum[a] * optimum[b]);
            }
        }
        RealMatrix known = new Array2DRowRealMatrix(information).getSubMatrix(0, free - 1, 0, free - 1);
        return covariance
                        .multiply(new LUDecomposition(known).getSolver().getInverse())
                        .getTrace()
                / (2 * beta);
    }
}
