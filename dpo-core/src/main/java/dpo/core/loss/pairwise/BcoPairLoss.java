package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * Binary classifier optimisation on pairs, without a reward shift.
 *
 * <pre>  ℓ = −log σ(β s_w) − log σ(−β s_l),   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Jung et al. 2024 (BCO, arXiv:2404.04656), whose reward shift δ is here 0, as in TRL's {@code bco_pair} since 0.29. It
 * bounds DPO's loss from above at equal β. The loss is 2 log 2 if policy and reference are equal. Value and gradient
 * are finite at all finite scores.
 *
 * <p>Differences from other code: older TRL and LLaMA-Factory subtract a running mean of rewards, which makes a value
 * depend on the batches before it. As for every objective of absolute scores, an f-divergence cannot be combined with
 * it.
 *
 * @param beta β &gt; 0, scale of the implicit rewards
 */
@Published(
        type = "bco_pair",
        formula = "-log σ(βs_w) - log σ(-βs_l)",
        paper = "arXiv:2404.04656 (BCO, reward shift 0)",
        atInitialisation = "2 log 2 = 1.3863")
public record BcoPairLoss(
        @Setting(about = "β > 0: scale of the implicit rewards", byDefault = "0.1")
        double beta) implements PairwiseLoss {

    public BcoPairLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public PairTerm pair(Pair pair) {
        double chosen = beta * pair.chosen();
        double rejected = beta * pair.rejected();
        double value = -logSigmoid(chosen) - logSigmoid(-rejected);
        return new PairTerm(value, -beta * sigmoid(-chosen), beta * sigmoid(rejected));
    }
}
