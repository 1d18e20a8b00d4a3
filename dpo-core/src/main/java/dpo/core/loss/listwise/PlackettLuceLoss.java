package dpo.core.loss.listwise;

import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * DPO on rankings: the likelihood of the given order where the best is chosen among all, the next among the rest.
 *
 * <pre>  ℓ = −Σ_{k=1}^{K−1} log [exp(βs_k) / Σ_{i=k}^{K} exp(βs_i)],   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Rafailov et al. 2023 (arXiv:2305.18290, appendix A.3), the Plackett–Luce model; completions best first, their ratings
 * are not used. The loss is log K! if policy and reference are equal. With K = 2 it is {@link SigmoidLoss}. Value and
 * gradient are finite at all finite scores.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 */
@Published(
        type = "plackett_luce",
        formula = "-Σ_k log (exp(βs_k) / Σ_{i≥k} exp(βs_i)) over completions best first",
        paper = "arXiv:2305.18290, appendix A.3",
        atInitialisation = "log K!")
public record PlackettLuceLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta) implements ListwiseLoss {

    public PlackettLuceLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public ListTerm list(RankedList list) {
        double[] slopes = new double[list.size()];
        double value = 0;
        for (int first = 0; first < list.size() - 1; first++) {
            value += Choice.loss(beta, list.scores(), first, slopes);
        }
        return new ListTerm(value, slopes);
    }

    /** σ of the margin: the probability of a pair in the Plackett–Luce model. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
