package dpo.core.loss.referencefree;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.Baseline;
import dpo.core.loss.Divergence;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * AlphaPO: SimPO with a power function instead of the logarithm as reward.
 *
 * <pre>  ℓ = −log σ(r_w − r_l − γ),   r = β (1 − e^(−αa)) / α,   a = (1/L) Σ_t log πθ(y_t)</pre>
 *
 * Gupta et al. 2025 (arXiv:2501.03884): e^(−αa) is π^(−α/L). SimPO in the limit α → 0, and at α = 0. An empty
 * completion has a = 0. It uses no reference. For α &gt; 0 and a → −∞ the reward would overflow: beyond an exponent of
 * 80 the exponential is replaced by its tangent, so that value and gradient are finite at all finite log-probabilities.
 *
 * @param beta β &gt; 0, scale of the rewards, per token; SimPO's by default
 * @param alpha α, finite; below 0 the reward has a floor, above 0 none
 * @param gamma γ ≥ 0, target margin of rewards; SimPO's by default
 */
@Published(
        type = "alphapo",
        formula = "-log σ(r_w - r_l - γ), r = β (1 - exp(-αa)) / α, a = mean of log πθ over tokens",
        paper = "arXiv:2501.03884 (AlphaPO)",
        atInitialisation = "log(1 + exp(γ - r_w + r_l)); no reference")
public record AlphaPoLoss(
        @Setting(about = "β > 0: scale of the rewards, per token", byDefault = "2.0")
        double beta,

        @Setting(about = "α, finite: shape of the reward; 0 is SimPO")
        double alpha,

        @Setting(about = "γ >= 0: target margin of rewards", byDefault = "0.5")
        double gamma)
        implements PairwiseLoss {

    public AlphaPoLoss {
        Requirement.positive("beta", beta);
        Requirement.holds(Double.isFinite(alpha), "alpha", "must be finite", alpha);
        Requirement.notNegative("gamma", gamma);
    }

    @Override
    public Baseline baseline() {
        return Baseline.NONE;
    }

    @Override
    public Reduction reduction() {
        return Reduction.MEAN;
    }

    @Override
    public PairTerm pair(Pair pair) {
        // The same function as the score of an α-divergence, here of mean log-probabilities.
        Divergence shape = new Divergence.Alpha(alpha);
        double reward = beta * (shape.score(pair.chosen()) - shape.score(pair.rejected())) - gamma;
        double slope = beta * sigmoid(-reward);
        return new PairTerm(
                -logSigmoid(reward), -slope * shape.slope(pair.chosen()), slope * shape.slope(pair.rejected()));
    }

    /** {@code β (1 − e^(−αa)) / α}. */
    @Override
    public double reward(double score, int tokens) {
        return beta * new Divergence.Alpha(alpha).score(score);
    }

    /** The probability of {@link SimPoLoss}. */
    @Override
    public OptionalDouble probability(double margin) {
        return new SimPoLoss(beta, gamma).probability(margin);
    }
}
