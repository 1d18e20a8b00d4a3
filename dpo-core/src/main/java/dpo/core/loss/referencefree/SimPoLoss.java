package dpo.core.loss.referencefree;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.Baseline;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Simple preference optimisation: mean log-probabilities, no reference, and a target margin.
 *
 * <pre>  ℓ = −log σ(β (a_w − a_l) − γ),   a = (1/L) Σ_t log πθ(y_t)</pre>
 *
 * Meng, Xia and Chen 2024 (SimPO, arXiv:2405.14734, eq. 6). An empty completion has a = 0. It uses no reference. The
 * loss is log(1 + e^γ) if both completions have the same mean log-probability. Value and gradient are finite at every
 * finite margin.
 *
 * <p>Differences from other code: γ is the paper's, in units of reward, as in TRL and LLaMA-Factory; the authors' code,
 * HALOs and open-instruct take γ/β. TRL's {@code simpo} adds the NLL of the chosen completion unless {@code cpo_alpha}
 * is 0.
 *
 * @param beta β &gt; 0, scale of the rewards, per token; 2 in the authors' code
 * @param gamma γ ≥ 0, target margin of rewards; 0.5 in the authors' code at β = 2
 */
@Published(
        type = "simpo",
        formula = "-log σ(β (a_w - a_l) - γ), a = mean of log πθ over tokens",
        paper = "arXiv:2405.14734, eq. 6",
        atInitialisation = "log(1 + exp(γ - β (a_w - a_l))); no reference")
public record SimPoLoss(
        @Setting(about = "β > 0: scale of the rewards, per token", byDefault = "2.0")
        double beta,

        @Setting(about = "γ >= 0: target margin of rewards", byDefault = "0.5")
        double gamma)
        implements MarginLoss {

    public SimPoLoss {
        Requirement.positive("beta", beta);
        Requirement.notNegative("gamma", gamma);
    }

    @Override
    public Baseline baseline() {
        return Baseline.NONE;
    }

    @Override
    public Reduction reduction() {
        return Reduction.MEAN;
    }

    @Override
    public MarginTerm at(double margin) {
        double reward = beta * margin - gamma;
        return new MarginTerm(-logSigmoid(reward), -beta * sigmoid(-reward));
    }

    /**
     * {@code σ(R + γ) / (σ(R + γ) + σ(γ − R))}, R = r_w − r_l; σ(R) at γ = 0. The paper's σ(R − γ) (eq. 5) is not a
     * probability of a label, since those of the two orders of a pair add up to less than 1.
     */
    @Override
    public OptionalDouble probability(double margin) {
        double won = sigmoid(margin + gamma);
        return OptionalDouble.of(won / (won + sigmoid(gamma - margin)));
    }
}
