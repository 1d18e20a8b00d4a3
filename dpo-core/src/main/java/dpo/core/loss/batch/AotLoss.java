package dpo.core.loss.batch;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Setting;

/**
 * Alignment by optimal transport on pairs: the distribution of the policy's margins over the pairs of a step is made to
 * dominate the distribution of the reference's margins.
 *
 * <pre>
 *  p_j = Σ_t log πθ(y_w) − Σ_t log πθ(y_l),   r_j the same of π_ref
 *  L = (1/N) Σ_i [−(1−ε) log σ(βd_i) − ε log σ(−βd_i)],   d_i = p_(i) − r_(i)
 * </pre>
 *
 * p_(i) and r_(i) are the i-th smallest of the step, sorted independently of each other. Melnyk et al. 2024 (AOT
 * paired, arXiv:2406.05882) with the logistic loss; ε is TRL's. The loss is log 2 if policy and reference are equal.
 * With one pair per step it is {@link SigmoidLoss}. The sort orders are constants in the derivative, which is exact if
 * no two margins are equal. Value and gradient are finite at every finite margin.
 *
 * <p>L estimates the distance of two distributions from N samples of each. Its mean over random steps differs from L of
 * the whole data and depends on N: it is the loss of DPO at N = 1 and tends to L of the data as N grows.
 *
 * <p>A difference belongs to two pairs and cannot be weighted, so weights must be 1. Differences from other code: TRL
 * sorts within each micro-batch, so that its value depends on the split; here the whole optimizer step is sorted.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param labelSmoothing ε in [0, 0.5), probability that a label is flipped
 */
@Published(
        type = "aot",
        formula = "-(1-ε) log σ(βd) - ε log σ(-βd), d = differences of the sorted margins of policy and reference",
        paper = "arXiv:2406.05882 (AOT, paired); TRL aot",
        atInitialisation = "log 2 = 0.6931")
public record AotLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "ε in [0, 0.5): probability that a label is flipped", byDefault = "0.0")
        double labelSmoothing)
        implements SortedLoss {

    public AotLoss {
        new SigmoidLoss(beta, labelSmoothing); // has the same ranges
    }

    @Override
    public double dominant(PreferenceLogProbs logProbs, int chosen) {
        return logProbs.policy().sum(chosen) - logProbs.policy().sum(chosen + 1);
    }

    @Override
    public double dominated(PreferenceLogProbs logProbs, int chosen) {
        return logProbs.reference().sum(chosen) - logProbs.reference().sum(chosen + 1);
    }

    @Override
    public double rejectedSlope(double dominantSlope, double dominatedSlope) {
        return -dominantSlope;
    }
}
