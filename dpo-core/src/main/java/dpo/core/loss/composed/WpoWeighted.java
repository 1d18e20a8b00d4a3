package dpo.core.loss.composed;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import java.util.Set;

/**
 * A preference objective with pairs weighted by their probability under the policy (WPO, Zhou et al. 2024,
 * arXiv:2406.11827, eq. 2 with the aligned weights of sec. 3):
 *
 * <pre>  ℓ_j ← min(1, w(y_w) w(y_l)) ℓ_j,   w(y) = exp((1/L) Σ_t (log πθ(y_t) − log Σ_v πθ(v)²))</pre>
 *
 * The weights are constants in the derivative. Σ_v πθ(v)² is the mean probability of a token drawn from the policy; a
 * token with a higher probability has a weight above 1. The product over the completions of a preference is clamped at
 * 1, as in the authors' code, or not, as in TRL 1.x; without clamping, its exponent is limited to 80. An empty
 * completion has weight 1.
 *
 * @param loss the inner objective; its terms must belong to single pairs (no {@link Need#EQUAL_WEIGHTS})
 * @param isClamped whether the product of weights is clamped at 1
 */
@Published(
        type = "weighting: wpo",
        formula = "min(1, w(y_w) w(y_l)) ℓ, w(y) = exp(mean_t [log πθ(y_t) - log Σ_v πθ(v)²]), held constant",
        paper = "arXiv:2406.11827, eq. 2",
        atInitialisation = "the mean weight times the value of the inner objective")
public record WpoWeighted(PreferenceLoss loss, boolean isClamped) implements Modifier {

    private static final double MAX_EXPONENT = 80;

    /** With the product of weights clamped at 1. */
    public WpoWeighted(PreferenceLoss loss) {
        this(loss, true);
    }

    public WpoWeighted {
        if (loss.needs().contains(Need.EQUAL_WEIGHTS)) {
            throw new IllegalArgumentException(
                    "weighting must be none for an objective whose terms belong to no single" + " pair, got wpo");
        }
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        return loss.evaluate(logProbs.withWeights(weights(logProbs)), normalizer);
    }

    /** Weight of each pair, including its weight in the data set. */
    public double[] weights(PreferenceLogProbs logProbs) {
        TokenLogProbs normaliser = logProbs.statistic(TokenStatistic.LOG_SUM_SQUARED_PROBS);
        double[] weights = new double[logProbs.size()];
        for (int j = 0; j < weights.length; j++) {
            double exponent = 0;
            for (int row = logProbs.first(j); row < logProbs.first(j + 1); row++) {
                exponent += logProbs.policy().logRatio(normaliser, row)
                        / Math.max(1, logProbs.policy().tokens(row));
            }
            // The inner objective handles NaN, because it receives the same log-probabilities.
            double factor = Double.isNaN(exponent) ? 1 : Math.exp(Math.min(exponent, isClamped ? 0 : MAX_EXPONENT));
            weights[j] = logProbs.labels().get(j).weight() * factor;
        }
        return weights;
    }

    @Override
    public Set<Need> ownNeeds() {
        return Set.of(Need.LOG_SUM_SQUARED_PROBS);
    }
}
