package dpo.core.loss.listwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.Published;
import dpo.core.numeric.Ranking;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Listwise preference optimisation with lambda weights: DPO of all pairs of a list, each weighted by the change of the
 * discounted gain if the two are exchanged.
 *
 * <pre>
 *  ℓ = Σ_{ψ_i &gt; ψ_k} Δ_ik log(1 + exp(−β(s_i − s_k))),   s = Σ_t (log πθ − log π_ref)
 *  Δ_ik = |2^ψ_i − 2^ψ_k| · |1/log(1 + τ_i) − 1/log(1 + τ_k)|
 * </pre>
 *
 * Liu et al. 2024 (LiPO-λ, arXiv:2402.01878). ψ are the ratings; τ_i is the rank of s_i among the scores of the list, 1
 * for the greatest, equal scores in the order of the data. Logarithms are natural and the sum is not divided by the
 * number of pairs. τ, and so Δ, is held constant in the derivative, which is the exact one wherever no two scores are
 * equal. The loss is log 2 · ΣΔ with τ the given order if policy and reference are equal. Value and gradient are finite
 * at all finite scores; ratings must not exceed 500, so that gains are far from overflow.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 */
@Published(
        type = "lipo",
        formula = "Σ Δ_ij log(1 + exp(-β(s_i - s_j))) over pairs, Δ = |2^ψ_i - 2^ψ_j| |1/log(1+τ_i) - 1/log(1+τ_j)|",
        paper = "arXiv:2402.01878 (LiPO-λ)",
        atInitialisation = "log 2 · ΣΔ, τ the given order")
public record LiPoLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta) implements ListwiseLoss {

    private static final double GREATEST_RATING = 500;

    public LiPoLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public ListTerm list(RankedList list) {
        double[] scores = list.scores();
        int[] ranks = Ranking.descendingRanks(scores);
        double[] slopes = new double[list.size()];
        double value = 0;
        for (int i = 0; i < list.size(); i++) {
            for (int k = i + 1; k < list.size(); k++) {
                double gain = Math.pow(2, list.ratings().get(i))
                        - Math.pow(2, list.ratings().get(k));
                double lambda = gain * Math.abs(1 / Math.log1p(ranks[i]) - 1 / Math.log1p(ranks[k]));
                double reward = beta * (scores[i] - scores[k]);
                double slope = lambda * beta * sigmoid(-reward);
                value -= lambda * logSigmoid(reward);
                slopes[i] -= slope;
                slopes[k] += slope;
            }
        }
        return new ListTerm(value, slopes);
    }

    @Override
    public void requireUsable(Label label) {
        ListwiseLoss.super.requireUsable(label);
        List<Double> ratings = label.ratings();
        if (ratings.isEmpty() || ratings.get(0) > GREATEST_RATING) {
            throw new IllegalArgumentException("ratings must be given for lipo, of every completion and at most "
                    + GREATEST_RATING + ", got " + ratings);
        }
    }

    /** σ of the margin: each pair's term is a logistic loss. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
