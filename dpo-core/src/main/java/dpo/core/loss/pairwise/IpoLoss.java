package dpo.core.loss.pairwise;

import dpo.core.loss.MarginLoss;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Identity Preference Optimization.
 *
 * <pre>  ℓ = (Δ − 1/(2β))²,   Δ = s_w − s_l</pre>
 *
 * Azar et al. 2023 (arXiv:2310.12036, eq. 17, with τ written β). The score is that of the whole completion in the paper
 * ({@link Reduction#SUM}, as in the original DPO code and OpenRLHF) and per token in TRL ({@link Reduction#MEAN}); the
 * two are different objectives, so the choice has no default. The loss is 1/(4β²) if policy and reference are equal.
 *
 * @param beta β &gt; 0, the paper's τ
 * @param reduction sum or mean over the tokens of a completion
 */
@Published(
        type = "ipo",
        formula = "(Δ - 1/(2β))²",
        paper = "arXiv:2310.12036, eq. 17",
        atInitialisation = "1/(4β²); 25 at β = 0.1")
public record IpoLoss(
        @Setting(about = "β > 0: the paper's τ; the target margin is 1/(2β)", byDefault = "0.1")
        double beta,

        @Setting(about = "sum (the paper) or mean (TRL) over the tokens of a completion")
        Reduction reduction)
        implements MarginLoss {

    public IpoLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public MarginTerm at(double margin) {
        double miss = margin - 1 / (2 * beta);
        return new MarginTerm(miss * miss, 2 * miss);
    }

    /** ½ + (r_w − r_l): the squared loss has its expected minimum at βΔ = P − ½. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(Math.max(0, Math.min(1, 0.5 + margin)));
    }
}
