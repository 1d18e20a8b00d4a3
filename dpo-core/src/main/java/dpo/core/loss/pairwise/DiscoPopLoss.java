package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.expThenTangent;
import static dpo.core.numeric.LogSpace.expUpToTangent;
import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * DiscoPOP, the log-ratio modulated loss: the logistic and the exponential loss, blended by the margin itself.
 *
 * <pre>  ℓ = (1−m) (−log σ(x)) + m e^(−x),   m = σ(x/τ),   x = βΔ,   Δ = s_w − s_l</pre>
 *
 * Lu et al. 2024 (arXiv:2406.08414, eq. 5). The loss is ½ (log 2 + 1) if policy and reference are equal. It is not
 * convex.
 *
 * <p>Differences from other code: the second term is computed as exp(log σ(x/τ) − x). As x → −∞ the loss therefore
 * tends to its limit: −x for τ &lt; 1 (where m vanishes faster than e^(−x) grows) and 1 − x for τ = 1, where TRL's
 * product 0 · ∞ is NaN at margins like −1e4. For τ &gt; 1 the exponential dominates: beyond an exponent of 80 it is
 * replaced by its tangent, so that value and gradient stay finite and the gradient keeps its sign.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param tau τ &gt; 0, width of the blend; TRL's {@code discopop_tau}
 */
@Published(
        type = "discopop",
        formula = "(1-m) (-log σ(βΔ)) + m exp(-βΔ), m = σ(βΔ/τ)",
        paper = "arXiv:2406.08414, eq. 5",
        atInitialisation = "½ (log 2 + 1) = 0.8466")
public record DiscoPopLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "τ > 0: width of the blend of logistic and exponential loss", byDefault = "0.05")
        double tau)
        implements MarginLoss {

    public DiscoPopLoss {
        Requirement.positive("beta", beta);
        Requirement.positive("tau", tau);
    }

    @Override
    public MarginTerm at(double margin) {
        double reward = beta * margin;
        double logistic = sigmoid(-reward / tau);
        double exponent = logSigmoid(reward / tau) - reward;
        double value = -logistic * logSigmoid(reward) + expThenTangent(exponent);
        double slope = sigmoid(reward / tau) * logistic / tau * logSigmoid(reward)
                - logistic * sigmoid(-reward)
                + expUpToTangent(exponent) * (logistic / tau - 1);
        return new MarginTerm(value, beta * slope);
    }
}
