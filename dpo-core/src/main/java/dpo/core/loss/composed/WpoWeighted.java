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
 * A preference objective whose pairs are weighted by how likely the policy is to produce them (WPO, Zhou et al. 2024,
 * arXiv:2406.11827, eq. 2 with the aligned weights of sec. 3):
 *
 * <pre>  ℓ_j ← min(1, w(y_w) w(y_l)) ℓ_j,   w(y) = exp((1/L) Σ_t (log πθ(y_t) − log Σ_v πθ(v)²))</pre>
 *
 * The weights are constants where the derivative is taken. Σ_v πθ(v)² is the mean probability of a token that is drawn
 * from the policy; a token that is likelier than that has a weight above 1. The product over the completions of a
 * preference is clamped at 1, as in the authors' code, or left as it is, as in TRL 1.x, but for its exponent, which then
 * ends at 80. An empty completion has weight 1.
 *
 * @param loss the inner objective; not one whose terms belong to no single pair ({@link Need#EQUAL_WEIGHTS})
 * @param isClamped whether no product of weights is larger than 1
 */
@Published(
        type = "weighting: wpo",
        formula = "min(1, w(y_w) w(y_l)) ℓ, w(y) = exp(mean_t [log πθ(y_t) - log Σ_v πθ(v)²]), held constant",
        paper = "arXiv:2406.11827, eq. 2",
        atInitialisation = "the mean weight times that of the objective within")
public record WpoWeighted(PreferenceLoss loss, boolean isClamped) implements Modifier {

    private static final double MAX_EXPONENT = 80;

    /** With the product of weights clamped at 1. */
    public WpoWeighted(PreferenceLoss loss) {
        this(loss, true);
    }

    public WpoWeighted {
        if (loss.needs().contains(Need.EQUAL_WEIGHTS)) {
            throw new IllegalArgumentException("weighting must be none for an objective whose terms belong to no single"
                    + " pair, got wpo");
        }
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        return loss.evaluate(logProbs.withWeights(weights(logProbs)), normalizer);
    }

    /** Weight of each pair, that of the data set included. */
    public double[] weights(PreferenceLogProbs logProbs) {
        TokenLogProbs normaliser = logProbs.statistic(TokenStatistic.LOG_SUM_SQUARED_PROBS);
        double[] weights = new double[logProbs.size()];
        for (int j = 0; j < weights.length; j++) {
            double exponent = 0;
            for (int row = logProbs.first(j); row < logProbs.first(j + 1); row++) {
                exponent += logProbs.policy().logRatio(normaliser, row)
                        / Math.max(1, logProbs.policy().tokens(row));
            }
            // A NaN is left to the inner objective, which sees it in the same log-probabilities.
            double factor = Double.isNaN(exponent) ? 1 : Math.exp(Math.min(exponent, isClamped ? 0 : MAX_EXPONENT));
            weights[j] = logProbs.judgements().get(j).weight() * factor;
        }
        return weights;
    }

    @Override
    public Set<Need> ownNeeds() {
        return Set.of(Need.LOG_SUM_SQUARED_PROBS);
    }
}
