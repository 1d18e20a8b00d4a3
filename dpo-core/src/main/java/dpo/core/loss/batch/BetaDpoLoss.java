package dpo.core.loss.batch;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * DPO with a dynamic β, which grows with the margins relative to their moving average.
 *
 * <pre>
 *  ℓ = −log σ(β_j Δ_j),   β_j = max(0.001, [1 + α(M − M_0)] β)
 *  level batch   M = E[M_i], the mean over the step
 *  level pair    M = M_j
 *  M_i = βΔ_i,   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)
 *  M_0 ← m M_0 + (1 − m) E[M_i],   initially 0, updated before it is used
 * </pre>
 *
 * Wu et al. 2024 (β-DPO, arXiv:2407.08639). β_j is constant in the derivative and does not depend on weights. M_0 is
 * carried from step to step as {@code margin}; an evaluation uses the value of the last training step. The loss is log
 * 2 if policy and reference are equal. With α = 0 it is {@link SigmoidLoss}. Value and gradient are finite at every
 * finite margin.
 *
 * <p>M_0 estimates the mean of βΔ over the data, averaged over recent policies. Every step has the same weight
 * regardless of its size; a small last step makes M_0 noisier but not biased. It starts at 0, the margin of the
 * reference, and lags behind a growing mean; because it is updated first, M − M_0 is m times the distance to the
 * previous average. At level {@code batch} β depends on the mean of a step, so the mean loss over random steps depends
 * on their size.
 *
 * <p>Differences from other code: in the authors' code M is Δ and not the βΔ of the paper, so their {@code a} is α β
 * here. They use a = 0.6 at β = 0.1, which is α = 6, the default here. The lower limit of β, and updating M_0 before it
 * is used, follow their code. They also drop pairs at random, with a probability that grows with the distance of the
 * margin from M_0 (β-guided filtering); none are dropped here, because an objective is a function of its data.
 *
 * @param beta β ≥ 0.001, strength of the KL constraint where M = M_0
 * @param alpha α ≥ 0, how strongly β_j depends on the margin: the relative change of β if M exceeds M_0 by 1
 * @param level whether β is one per step or one per pair
 * @param momentum m in [0, 1) of the moving average M_0
 */
@Published(
        type = "beta_dpo",
        formula = "-log σ(β_j Δ), β_j = max(0.001, [1 + α(M - M_0)] β), M = mean of βΔ (batch) or βΔ (pair)",
        paper = "arXiv:2407.08639 (β-DPO)",
        atInitialisation = "log 2 = 0.6931")
public record BetaDpoLoss(
        @Setting(about = "β >= 0.001: strength of the KL constraint where M = M_0", byDefault = "0.1")
        double beta,

        @Setting(
                about = "α >= 0: how strongly β_j depends on the margin; a in the authors' code is α β",
                byDefault = "6.0")
        double alpha,

        @Setting(about = "batch or pair: whether β is one per step or one per pair", byDefault = "batch")
        Level level,

        @Setting(about = "m in [0, 1): momentum of the moving average M_0", byDefault = "0.9")
        double momentum)
        implements PreferenceLoss {

    private static final double LEAST_BETA = 1e-3;
    private static final String CARRIED = "margin";

    /** The unit that has its own β. */
    public enum Level {
        /** One β for all pairs of an optimizer step. */
        BATCH,
        /** One β for each pair. */
        PAIR
    }

    public BetaDpoLoss {
        Requirement.positive("beta", beta);
        Requirement.holds(
                beta >= LEAST_BETA, "beta", "must be at least " + LEAST_BETA + ", the lower limit of β_j", beta);
        Requirement.notNegative("alpha", alpha);
        Requirement.within("momentum", momentum, 0, 1);
    }

    @Override
    public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
        normalizer.requireWhole(logProbs);
        logProbs.labels().all().forEach(this::requireUsable);
        double[] margins = IntStream.range(0, logProbs.size())
                .map(logProbs::first)
                .mapToDouble(chosen -> logProbs.logRatio(chosen) - logProbs.logRatio(chosen + 1))
                .toArray();
        double mean = beta * Arrays.stream(margins).sum() / margins.length;
        double before = normalizer.carried().getOrDefault(CARRIED, 0.0);
        double average = normalizer.isEvaluation() ? before : momentum * before + (1 - momentum) * mean;
        double[] slopes = new double[2 * margins.length];
        double value = 0;
        for (int j = 0; j < margins.length; j++) {
            double margin = level == Level.BATCH ? mean : beta * margins[j];
            double adapted = Math.max(LEAST_BETA, (1 + alpha * (margin - average)) * beta);
            double share = logProbs.labels().get(j).weight() / normalizer.preferences();
            value -= share * logSigmoid(adapted * margins[j]);
            slopes[2 * j] = -share * adapted * sigmoid(-adapted * margins[j]);
            slopes[2 * j + 1] = -slopes[2 * j];
        }
        TokenGradient gradient = TokenGradient.ofRowSums(logProbs.policy().shape(), slopes);
        return new LossEvaluation(value, gradient, Map.of(), Map.of(), Map.of(CARRIED, average));
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.WHOLE_STEP);
    }

    @Override
    public void requireUsable(Label label) {
        label.requirePair();
    }
}
