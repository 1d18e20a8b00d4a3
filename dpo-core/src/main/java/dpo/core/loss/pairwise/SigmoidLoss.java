package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Direct Preference Optimization, with the label smoothing of conservative DPO (cDPO).
 *
 * <pre>  ℓ = −(1−ε) log σ(βΔ) − ε log σ(−βΔ),   Δ = s_w − s_l,   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * With ε = 0 this is eq. 7 of Rafailov et al. 2023 (arXiv:2305.18290), and the loss is log 2 if policy and reference
 * are equal. With ε &gt; 0 labels are assumed to be flipped with probability ε (Mitchell 2023, "A note on DPO with
 * noisy preferences"), and the minimum lies at the finite margin βΔ = log((1−ε)/ε). Value and gradient are finite at
 * every finite margin.
 *
 * <p>Differences from other code: TRL 1.x reads label smoothing for {@code robust}, {@code exo_pair} and {@code aot}
 * only and drops it silently for {@code sigmoid}; here it is always applied.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param labelSmoothing ε in [0, 0.5), probability that a label is flipped
 */
@Published(
        type = "sigmoid",
        formula = "-(1-ε) log σ(βΔ) - ε log σ(-βΔ)",
        paper = "arXiv:2305.18290, eq. 7; ε: conservative DPO (Mitchell 2023)",
        atInitialisation = "log 2 = 0.6931")
public record SigmoidLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "ε in [0, 0.5): probability that a label is flipped", byDefault = "0.0")
        double labelSmoothing)
        implements MarginLoss {

    public SigmoidLoss {
        Requirement.positive("beta", beta);
        Requirement.within("label_smoothing", labelSmoothing, 0, 0.5);
    }

    @Override
    public MarginTerm at(double margin) {
        double reward = beta * margin;
        double value = -(1 - labelSmoothing) * logSigmoid(reward) - labelSmoothing * logSigmoid(-reward);
        double slope = -(1 - labelSmoothing) * sigmoid(-reward) + labelSmoothing * sigmoid(reward);
        return new MarginTerm(value, beta * slope);
    }

    /** (σ(r_w − r_l) − ε) / (1 − 2ε): the share of labels for which the smoothed loss is least at this margin. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(
                Math.max(0, Math.min(1, (sigmoid(margin) - labelSmoothing) / (1 - 2 * labelSmoothing))));
    }
}
