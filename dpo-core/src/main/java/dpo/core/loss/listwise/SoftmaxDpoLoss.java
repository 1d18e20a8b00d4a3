package dpo.core.loss.listwise;

import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.Published;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * DPO of one chosen completion against several rejected ones at once.
 *
 * <pre>  ℓ = −log σ(−log Σ_{l=2}^{K} exp(β(s_l − s_1))),   s = Σ_t (log πθ − log π_ref)</pre>
 *
 * Chen et al. 2024 (S-DPO, arXiv:2406.09215): the first choice of {@link PlackettLuceLoss}; the order of the rejected
 * completions does not matter, ratings are not used. The loss is log K if policy and reference are equal. With K = 2 it
 * is {@link SigmoidLoss}. Value and gradient are finite at all finite scores.
 *
 * @param beta β &gt; 0, strength of the KL constraint
 */
@Published(
        type = "softmax_dpo",
        formula = "-log σ(-log Σ_l exp(β(s_l - s_w))) of the best completion against all others",
        paper = "arXiv:2406.09215 (S-DPO)",
        atInitialisation = "log K")
public record SoftmaxDpoLoss(
        @Setting(about = "β > 0: strength of the KL constraint", byDefault = "0.1")
        double beta) implements ListwiseLoss {

    public SoftmaxDpoLoss {
        Requirement.positive("beta", beta);
    }

    @Override
    public ListTerm list(RankedList list) {
        double[] slopes = new double[list.size()];
        return new ListTerm(Choice.loss(beta, list.scores(), 0, slopes), slopes);
    }

    /** σ of the margin: the probability of a pair in the Plackett–Luce model. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
