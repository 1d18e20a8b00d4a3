package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Noise contrastive alignment on pairs.
 *
 * <pre>  ℓ = −log σ(β s_w) − ½ log σ(−β s_w) − ½ log σ(−β s_l),   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Chen et al. 2024 (NCA, arXiv:2402.05369), the pairwise form with hard labels, as TRL's {@code nca_pair}. Both scores
 * enter separately and not as their margin, so that the chosen log-ratio has a finite optimum. The loss is 2 log 2 if
 * policy and reference are equal. Value and gradient are finite at all finite scores.
 *
 * <p>Differences from other code: its scores are absolute, so an f-divergence, whose scores are known up to a constant,
 * cannot be combined with it; TRL 1.x combines them silently.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 */
@Published(
        type = "nca_pair",
        formula = "-log σ(βs_w) - ½ log σ(-βs_w) - ½ log σ(-βs_l)",
        paper = "arXiv:2402.05369 (NCA, pairwise)",
        atInitialisation = "2 log 2 = 1.3863")
public record NcaPairLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta) implements PairwiseLoss {

    public NcaPairLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double chosen = beta * pair.chosen();
        double rejected = beta * pair.rejected();
        double value = -logSigmoid(chosen) - 0.5 * logSigmoid(-chosen) - 0.5 * logSigmoid(-rejected);
        double chosenSlope = -sigmoid(-chosen) + 0.5 * sigmoid(chosen);
        return new PairTerm(value, beta * chosenSlope, beta * 0.5 * sigmoid(rejected));
    }
}
