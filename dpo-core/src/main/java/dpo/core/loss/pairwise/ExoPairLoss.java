package dpo.core.loss.pairwise;

import static dpo.core.numeric.LogSpace.bernoulliKl;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Efficient exact optimisation on pairs: the reverse KL from the policy's preference to a smoothed label.
 *
 * <pre>  ℓ = q [log q − log(1−ε)] + (1−q) [log(1−q) − log ε],   q = σ(βΔ),   Δ = s_w − s_l</pre>
 *
 * Ji et al. 2024 (EXO, arXiv:2402.00856, eq. 16). The minimum is 0, at βΔ = log((1−ε)/ε). The loss is −½ log(4ε(1−ε))
 * if policy and reference are equal. It tends to −log ε as the margin tends to −∞ and to −log(1−ε) as it tends to ∞,
 * and its slope vanishes at both ends.
 *
 * <p>Differences from other code: ε defaults to 1e-3, as in older TRL; TRL 1.16 has the default 0 and rejects it. TRL
 * takes log ε and log(1−ε) in single precision for every dtype of the model, so its values are off by about 1e-8.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 * @param labelSmoothing ε in (0, 0.5), probability of the rejected completion under the smoothed label
 */
@Published(
        type = "exo_pair",
        formula = "q [log q - log(1-ε)] + (1-q) [log(1-q) - log ε], q = σ(βΔ)",
        paper = "arXiv:2402.00856, eq. 16",
        atInitialisation = "-½ log(4ε(1-ε)); 2.7612 at ε = 0.001")
public record ExoPairLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta,

        @Setting(about = "ε in (0, 0.5): smoothing of the label", byDefault = "1.0e-3")
        double labelSmoothing)
        implements MarginLoss {

    public ExoPairLoss {
        Requirement.positive("beta", beta);
        Requirement.positive("label_smoothing", labelSmoothing);
        Requirement.within("label_smoothing", labelSmoothing, 0, 0.5);
    }

    @Override
    public MarginTerm at(double margin) {
        double reward = beta * margin;
        double slope = sigmoid(reward) * sigmoid(-reward) * (reward - logitOfLabel());
        return new MarginTerm(bernoulliKl(reward, logitOfLabel()), beta * slope);
    }

    private double logitOfLabel() {
        return Math.log1p(-labelSmoothing) - Math.log(labelSmoothing);
    }

    /** ½ + (r_w − r_l) / (2 log((1−ε)/ε)): the reverse KL averages the logits of the smoothed labels. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(Math.max(0, Math.min(1, 0.5 + margin / (2 * logitOfLabel()))));
    }
}
