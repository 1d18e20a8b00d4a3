package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.bernoulliKl;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Reward-aware preference optimisation: the policy's reward margin is fitted to the gap of given rewards.
 *
 * <pre>
 *  x = βΔ,   g = η · gap,   Δ = s_w − s_l
 *  sq       ℓ = (x − g)²
 *  bwd_kl   ℓ = KL(σ(g) ‖ σ(x)) = σ(g) [log σ(g) − log σ(x)] + σ(−g) [log σ(−g) − log σ(−x)]
 *  fwd_kl   ℓ = KL(σ(x) ‖ σ(g))
 * </pre>
 *
 * Sun et al. 2025 (arXiv:2502.00203); forms and names are those of NeMo-Aligner ({@code rpo_sq}, {@code rpo_bwd_kl},
 * {@code rpo_fwd_kl}; η is its {@code gt_reward_scale}). The gap is the rating of the chosen completion minus that of
 * the rejected one. The minimum is 0, at x = g. If policy and reference are equal, x = 0. For g → ∞ {@code bwd_kl} is
 * DPO; {@code fwd_kl} at g = log((1−ε)/ε) is {@link ExoPairLoss}. Value and gradient are finite at every finite margin.
 *
 * @param distance between the policy's margin and the rewards' gap
 * @param beta β &gt; 0, strength of the KL constraint
 * @param eta η &gt; 0, scale of the given rewards
 */
@Published(
        type = "rpo",
        formula = "D(βΔ, η · rating gap), D = (x-g)² or KL(σ(g)‖σ(x)) (bwd_kl) or KL(σ(x)‖σ(g)) (fwd_kl)",
        paper = "arXiv:2502.00203; NeMo-Aligner rpo_sq, rpo_bwd_kl, rpo_fwd_kl",
        atInitialisation = "D(0, η · rating gap)")
public record RpoLoss(
        @Setting(about = "sq, bwd_kl or fwd_kl: how margin and gap are compared")
        Distance distance,

        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "η > 0: scale of the given rewards", byDefault = "1.0")
        double eta)
        implements PairwiseLoss {

    /** The distance of the policy's reward margin x from the gap g of given rewards. */
    public enum Distance {
        /** {@code (x − g)²}. */
        SQ,
        /** {@code KL(σ(g) ‖ σ(x))}. */
        BWD_KL,
        /** {@code KL(σ(x) ‖ σ(g))}. */
        FWD_KL
    }

    public RpoLoss {
        Requirement.positive("beta", beta);
        Requirement.positive("eta", eta);
    }

    /** @throws IllegalArgumentException if the pair has no ratings */
    @Override
    public PairTerm pair(Pair pair) {
        double x = beta * pair.margin();
        double g = eta * RatingGaps.of(pair, this);
        return switch (distance) {
            case SQ -> PairTerm.ofMargin((x - g) * (x - g), 2 * beta * (x - g));
            case BWD_KL -> PairTerm.ofMargin(bernoulliKl(g, x), beta * (sigmoid(x) - sigmoid(g)));
            case FWD_KL -> PairTerm.ofMargin(bernoulliKl(x, g), beta * sigmoid(x) * sigmoid(-x) * (x - g));
        };
    }

    @Override
    public void requireUsable(Label label) {
        RatingGaps.require(label, this);
    }

    /** σ of the margin of rewards, which the two KL forms compare; none for {@code sq}, a regression on the gap. */
    @Override
    public OptionalDouble probability(double margin) {
        return distance == Distance.SQ ? OptionalDouble.empty() : OptionalDouble.of(sigmoid(margin));
    }
}
