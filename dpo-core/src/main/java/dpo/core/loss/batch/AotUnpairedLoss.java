package dpo.core.loss.batch;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Setting;

/**
 * Alignment by optimal transport without pairing: the distribution of the log-ratios of chosen completions in a step is
 * made to dominate the distribution of the log-ratios of rejected ones, regardless of their prompts.
 *
 * <pre>
 *  L = (1/N) Σ_i [−(1−ε) log σ(βd_i) − ε log σ(−βd_i)],   d_i = s_w(i) − s_l(i),   s = Σ_t (log πθ − log π_ref)
 * </pre>
 *
 * s_w(i) and s_l(i) are the i-th smallest of the step, sorted independently of each other. Melnyk et al. 2024 (AOT
 * unpaired, arXiv:2406.05882) with the logistic loss; ε is TRL's. The loss is log 2 if policy and reference are equal.
 * With one pair per step it is {@link SigmoidLoss}. The sort orders are constants in the derivative, which is exact if
 * no two log-ratios are equal. Value and gradient are finite at all finite log-ratios.
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
        type = "aot_unpaired",
        formula = "-(1-ε) log σ(βd) - ε log σ(-βd), d = differences of the sorted s_w and the sorted s_l",
        paper = "arXiv:2406.05882 (AOT, unpaired); TRL aot_unpaired",
        atInitialisation = "log 2 = 0.6931")
public record AotUnpairedLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "ε in [0, 0.5): probability that a label is flipped", byDefault = "0.0")
        double labelSmoothing)
        implements SortedLoss {

    public AotUnpairedLoss {
        new SigmoidLoss(beta, labelSmoothing); // has the same ranges
    }

    @Override
    public double dominant(PreferenceLogProbs logProbs, int chosen) {
        return logProbs.logRatio(chosen);
    }

    @Override
    public double dominated(PreferenceLogProbs logProbs, int chosen) {
        return logProbs.logRatio(chosen + 1);
    }

    @Override
    public double rejectedSlope(double dominantSlope, double dominatedSlope) {
        return dominatedSlope;
    }
}
