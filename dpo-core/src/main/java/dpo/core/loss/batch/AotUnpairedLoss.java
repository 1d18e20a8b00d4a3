package dpo.core.loss.batch;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Setting;

/**
 * Alignment by optimal transport without pairing: the log-ratios of chosen completions, as a distribution over a step,
 * are to dominate those of rejected ones, whichever prompts they belong to.
 *
 * <pre>
 *  L = (1/N) Σ_i [−(1−ε) log σ(βd_i) − ε log σ(−βd_i)],   d_i = s_w(i) − s_l(i),   s = Σ_t (log πθ − log π_ref)
 * </pre>
 *
 * s_w(i) and s_l(i) are the i-th smallest of the step, sorted independently of each other. Melnyk et al. 2024 (AOT
 * unpaired, arXiv:2406.05882) with the logistic loss; ε is TRL's. log 2 where policy and reference are equal. With one
 * pair a step it is {@link SigmoidLoss}. The orders are held constant in the derivative, which is the exact one wherever
 * no two log-ratios are equal. Finite, with finite gradient, at all finite log-ratios.
 *
 * <p>What is estimated: the distance of two distributions, by N draws of each. The mean of L over random steps is not L of
 * the whole data, and depends on N: it is the loss of DPO at N = 1 and tends to that of the data as N grows.
 *
 * <p>A difference belongs to two pairs, so that no weight could be given to it: weights must be 1. Where we differ: TRL
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
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1") double beta,
        @Setting(about = "ε in [0, 0.5): probability that a label is flipped", byDefault = "0.0") double labelSmoothing)
        implements SortedLoss {

    public AotUnpairedLoss {
        new SigmoidLoss(beta, labelSmoothing); // has the same ranges
    }

    @Override
    public double a(PreferenceLogProbs logProbs, int chosen) {
        return logProbs.logRatio(chosen);
    }

    @Override
    public double b(PreferenceLogProbs logProbs, int chosen) {
        return logProbs.logRatio(chosen + 1);
    }

    @Override
    public double rejectedSlope(double slopeOfA, double slopeOfB) {
        return slopeOfB;
    }
}
