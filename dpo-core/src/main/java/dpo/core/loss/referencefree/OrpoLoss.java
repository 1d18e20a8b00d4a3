package dpo.core.loss.referencefree;

import static dpo.core.numeric.LogSpace.logSigmoid;
import static dpo.core.numeric.LogSpace.logitOfExp;
import static dpo.core.numeric.LogSpace.logitOfExpSlope;
import static dpo.core.numeric.LogSpace.sigmoid;

import dpo.core.loss.Baseline;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Published;
import dpo.core.loss.Reduction;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.OptionalDouble;

/**
 * Odds ratio preference optimisation: the likelihood of the chosen completion, and its odds against the rejected one's.
 *
 * <pre>
 *  ℓ = −a_w − λ log σ(log odds(a_w) − log odds(a_l))
 *  odds(a) = p / (1 − p),   p = e^a,   a = (1/L) Σ_t log πθ(y_t)
 * </pre>
 *
 * Hong, Lee and Thorne 2024 (ORPO, arXiv:2403.07691, eq. 6 and 7). It uses no reference. An empty completion has a = 0.
 * The odds of a completion with probability 1 (a = 0) are infinite: the distance of p to 1 is therefore limited to
 * e^−80 from below, and log odds to 80 from above. For a chosen completion with a = 0 the odds term is then 0 with its
 * limit slope −λ odds(a_l); for a rejected one it is finite, with a slope as large as λ e^80. For a → −∞ log odds tend
 * to a.
 *
 * <p>Differences from other code: both terms are means over the tokens of the completion; the likelihood term of TRL is
 * a mean over the tokens of the micro-batch and counts the prompt's too.
 *
 * @param lambda λ ≥ 0, weight of the odds ratio; TRL's {@code beta}
 */
@Published(
        type = "orpo",
        formula = "-a_w - λ log σ(log odds(a_w) - log odds(a_l)), odds(a) = e^a / (1 - e^a), a = mean of log πθ",
        paper = "arXiv:2403.07691, eq. 6 and 7",
        atInitialisation = "-a_w + λ log(1 + odds(a_l) / odds(a_w)); no reference")
public record OrpoLoss(
        @Setting(about = "λ >= 0: weight of the odds ratio", byDefault = "0.1")
        double lambda) implements PairwiseLoss {

    public OrpoLoss {
        Requirement.notNegative("lambda", lambda);
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
    public PairTerm pair(Pair pair) {
        double logOddsRatio = logitOfExp(pair.chosen()) - logitOfExp(pair.rejected());
        double slope = lambda * sigmoid(-logOddsRatio);
        return new PairTerm(
                -pair.chosen() - lambda * logSigmoid(logOddsRatio),
                -1 - slope * logitOfExpSlope(pair.chosen()),
                slope * logitOfExpSlope(pair.rejected()));
    }

    /** {@code log odds(a)}; λ is the weight of a term and does not scale scores. */
    @Override
    public double reward(double score, int tokens) {
        return logitOfExp(score);
    }

    /** The probability of the odds ratio term: σ of the log odds ratio. */
    @Override
    public OptionalDouble probability(double margin) {
        return OptionalDouble.of(sigmoid(margin));
    }
}
