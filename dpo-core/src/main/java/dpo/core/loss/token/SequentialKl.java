package dpo.core.loss.token;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.sequence.Label;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The mean over pairs of {@code ℓ = −log σ(β [Δ − α (D_l − D_w)])}, where
 * {@code D = Σ_t KL(π_ref(·|x, y_<t) ‖ πθ(·|x, y_<t))}.
 *
 * @param beta β
 * @param alpha α
 * @param throughChosen whether D_w has a gradient, or is held constant
 */
record SequentialKl(double beta, double alpha, boolean throughChosen) {

    LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        TokenLogProbs divergence = logProbs.statistic(TokenStatistic.REFERENCE_KL);
        TokenShape shape = logProbs.policy().shape();
        double[] ofLogRatios = new double[shape.rows()];
        double[] ofDivergences = new double[shape.rows()];
        double value = 0;
        for (int j = 0; j < logProbs.size(); j++) {
            Label label = logProbs.labels().get(j);
            label.requirePair();
            int chosen = logProbs.first(j);
            int rejected = chosen + 1;
            double margin = logProbs.logRatio(chosen) - logProbs.logRatio(rejected);
            double reward = beta * (margin - alpha * (divergence.sum(rejected) - divergence.sum(chosen)));
            double share = label.weight() / normalizer.preferences();
            double slope = -share * beta * sigmoid(-reward);
            value -= share * logSigmoid(reward);
            ofLogRatios[chosen] = slope;
            ofLogRatios[rejected] = -slope;
            ofDivergences[chosen] = throughChosen ? alpha * slope : 0;
            ofDivergences[rejected] = -alpha * slope;
        }
        return new LossEvaluation(
                value,
                TokenGradient.ofRowSums(shape, ofLogRatios),
                Map.of(TokenStatistic.REFERENCE_KL, TokenGradient.ofRowSums(shape, ofDivergences)),
                Map.of(),
                Map.of());
    }

    /** {@code β (s + α D)} of each completion. */
    double[] rewards(PreferenceLogProbs logProbs) {
        TokenLogProbs divergence = logProbs.statistic(TokenStatistic.REFERENCE_KL);
        return IntStream.range(0, logProbs.policy().rows())
                .mapToDouble(row -> beta * (logProbs.logRatio(row) + alpha * divergence.sum(row)))
                .toArray();
    }
}
