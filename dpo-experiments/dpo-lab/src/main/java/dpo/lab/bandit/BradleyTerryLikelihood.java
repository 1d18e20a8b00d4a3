package dpo.lab.bandit;

import dpo.core.numeric.LogSpace;
import dpo.core.theory.AnswerPair;
import dpo.core.theory.Newton;
import dpo.core.theory.SmoothFunction;
import java.util.List;

/**
 * The mean negative log-likelihood of judged pairs under the Bradley–Terry model, {@code −Σ_j n_j log σ(r_w − r_l) / Σ_j
 * n_j}, as a function of one reward per answer.
 *
 * @param answers number of answers
 * @param pairs judged pairs with their numbers
 */
record BradleyTerryLikelihood(int answers, List<AnswerPair> pairs) implements SmoothFunction {

    @Override
    public At at(double[] rewards) {
        double total = pairs.stream().mapToDouble(AnswerPair::probability).sum();
        double value = 0;
        double[] gradient = new double[answers];
        for (AnswerPair pair : pairs) {
            double share = pair.probability() / total;
            double gap = rewards[pair.chosen()] - rewards[pair.rejected()];
            value -= share * LogSpace.logSigmoid(gap);
            gradient[pair.chosen()] -= share * LogSpace.sigmoid(-gap);
            gradient[pair.rejected()] += share * LogSpace.sigmoid(-gap);
        }
        return new At(value, gradient);
    }

    /** The rewards of maximum likelihood, up to a constant. */
    Newton.Minimum maximum() {
        return Newton.minimise(this, new double[answers], 500);
    }
}
