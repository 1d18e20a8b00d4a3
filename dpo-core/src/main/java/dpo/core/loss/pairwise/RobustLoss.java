package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Robust DPO: an unbiased estimate of the DPO loss on the true labels if labels are flipped with probability ε.
 *
 * <pre>  ℓ = [−(1−ε) log σ(βΔ) + ε log σ(−βΔ)] / (1−2ε),   Δ = s_w − s_l</pre>
 *
 * Chowdhury, Kini and Natarajan 2024 (rDPO, arXiv:2403.00409). The loss is log 2 if policy and reference are equal, for
 * every ε. It is DPO at ε = 0. Unlike the loss of conservative DPO it has no minimum: it falls without bound, as
 * −εβΔ/(1−2ε), for growing margins. Value and gradient are finite at every finite margin.
 *
 * <p>Differences from other code: ε is a statement about the data, so it has no default (TRL's is 0, which is plain
 * DPO); ε ≥ ½ is refused, whereas TRL warns and continues (dividing by 0 at ½).
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param labelSmoothing ε in [0, 0.5), probability that a label of the data is flipped
 */
@Published(
        type = "robust",
        formula = "[-(1-ε) log σ(βΔ) + ε log σ(-βΔ)] / (1-2ε)",
        paper = "arXiv:2403.00409 (rDPO)",
        atInitialisation = "log 2 = 0.6931")
public record RobustLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "ε in [0, 0.5): probability that a label of the data is flipped")
        double labelSmoothing)
        implements MarginLoss {

    public RobustLoss {
        Requirement.positive("beta", beta);
        Requirement.within("label_smoothing", labelSmoothing, 0, 0.5);
    }

    @Override
    public MarginTerm at(double margin) {
        double reward = beta * margin;
        double value = -(1 - labelSmoothing) * logSigmoid(reward) + labelSmoothing * logSigmoid(-reward);
        double slope = -(1 - labelSmoothing) * sigmoid(-reward) - labelSmoothing * sigmoid(reward);
        double unbiased = 1 - 2 * labelSmoothing;
        return new MarginTerm(value / unbiased, beta * slope / unbiased);
    }

    /** ε + (1 − 2ε) σ(r_w − r_l): labels of the data, of which a share of ε is flipped. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(labelSmoothing + (1 - 2 * labelSmoothing) * sigmoid(margin));
    }
}
