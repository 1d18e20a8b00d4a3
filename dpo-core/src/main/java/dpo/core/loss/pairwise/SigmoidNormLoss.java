package dpo.core.loss.pairwise;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Length-normalised DPO: DPO on log-ratios per token.
 *
 * <pre>  ℓ = −(1−ε) log σ(βΔ) − ε log σ(−βΔ),   Δ = s_w/L_w − s_l/L_l</pre>
 *
 * Lambert et al. 2024 (Tülu 3, arXiv:2411.15124), with the normalisation of Meng et al. 2024 (SimPO, arXiv:2405.14734);
 * TRL's {@code sigmoid_norm}, NeMo RL's {@code preference_average_log_probs}. An empty completion has L = 1. The loss
 * is log 2 if policy and reference are equal. Scores per token are small, so β is large: the default is Tülu 3's 5,
 * where TRL has 0.1 for every objective.
 *
 * <p>Differences from other code: TRL 1.x drops label smoothing silently; here it is applied. Unlike in DPO, tokens
 * common to both completions do not cancel, so that masking errors change the loss.
 *
 * @param beta β &gt; 0, strength of the constraint, per token
 * @param labelSmoothing ε in [0, 0.5), probability that a label is flipped
 */
@Published(
        type = "sigmoid_norm",
        formula = "-(1-ε) log σ(βΔ) - ε log σ(-βΔ), Δ of means over tokens",
        paper = "arXiv:2411.15124 (Tülu 3, length-normalised DPO); arXiv:2405.14734",
        atInitialisation = "log 2 = 0.6931")
public record SigmoidNormLoss(
        @Setting(about = "β > 0: strength of the constraint, per token", byDefault = "5.0")
        double beta,

        @Setting(about = "ε in [0, 0.5): probability that a label is flipped", byDefault = "0.0")
        double labelSmoothing)
        implements MarginLoss {

    public SigmoidNormLoss {
        Requirement.positive("beta", beta);
        Requirement.within("label_smoothing", labelSmoothing, 0, 0.5);
    }

    @Override
    public Reduction reduction() {
        return Reduction.MEAN;
    }

    @Override
    public MarginTerm at(double margin) {
        return new SigmoidLoss(beta, labelSmoothing).at(margin);
    }

    /** The probability of {@link SigmoidLoss} for rewards per token. */
    @Override
    public OptionalDouble probability(double margin) {
        return new SigmoidLoss(beta, labelSmoothing).probability(margin);
    }
}
