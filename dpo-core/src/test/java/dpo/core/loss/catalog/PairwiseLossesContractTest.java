package dpo.core.loss.catalog;

import static java.lang.Math.exp;
import static java.lang.Math.log;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Baseline;
import dpo.core.loss.LossContract;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.pairwise.ApoDownLoss;
import dpo.core.loss.pairwise.ApoZeroLoss;
import dpo.core.loss.pairwise.BcoPairLoss;
import dpo.core.loss.pairwise.CalDpoLoss;
import dpo.core.loss.pairwise.ChiPoLoss;
import dpo.core.loss.pairwise.DiscoPopLoss;
import dpo.core.loss.pairwise.DpopLoss;
import dpo.core.loss.pairwise.ExoPairLoss;
import dpo.core.loss.pairwise.NcaPairLoss;
import dpo.core.loss.pairwise.OdpoLoss;
import dpo.core.loss.pairwise.RDpoLoss;
import dpo.core.loss.pairwise.RobustLoss;
import dpo.core.loss.pairwise.RpoLoss;
import dpo.core.loss.pairwise.SigmoidNormLoss;
import dpo.core.loss.pairwise.SppoHardLoss;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The loss contract for every pairwise objective. The values for equal policy and reference come from the printed
 * formulas.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("losses")
record PairwiseLossesContractTest(PairwiseLoss loss, ToDoubleFunction<PairwiseLoss.Pair> printed)
        implements LossContract {

    @Override
    public double valueAtInitialisation(PreferenceLogProbs equal) {
        return new Printed(loss, printed).evaluate(equal, Normalizer.of(equal)).value();
    }

    /** A length penalty depends on the difference of lengths, an offset from ratings does not. */
    @Override
    public boolean sharedTokensCancel() {
        return loss.reduction() == Reduction.SUM && loss instanceof MarginLoss
                || loss instanceof RDpoLoss
                || loss instanceof OdpoLoss
                || loss instanceof RpoLoss;
    }

    static Stream<Arguments> losses() {
        return Stream.concat(withReference(), withoutReference());
    }

    /** Scores are 0 where policy and reference are equal. */
    private static Stream<Arguments> withReference() {
        double log2 = log(2);
        return Stream.of(
                law(new RobustLoss(0.3, 0.2), pair -> log2),
                law(new ExoPairLoss(0.3, 0.05), pair -> -0.5 * log(4 * 0.05 * 0.95)),
                law(new DiscoPopLoss(0.3, 0.4), pair -> (log2 + 1) / 2),
                law(new DiscoPopLoss(0.3, 2.5), pair -> (log2 + 1) / 2),
                law(new SigmoidNormLoss(1.5, 0.1), pair -> log2),
                law(new NcaPairLoss(0.3), pair -> 2 * log2),
                law(new BcoPairLoss(0.3), pair -> 2 * log2),
                law(new SppoHardLoss(0.2), pair -> 12.5),
                law(new ApoZeroLoss(0.3), pair -> 1),
                law(new ApoDownLoss(0.3), pair -> 1),
                law(new DpopLoss(0.3, 2), pair -> log2),
                law(new CalDpoLoss(0.2), pair -> log2 + 12.5),
                law(new ChiPoLoss(0.02, 50), pair -> log2),
                law(new RDpoLoss(0.3, 0.1), pair -> nll(0.1 * (pair.chosenTokens() - pair.rejectedTokens()))),
                law(new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LOG), pair -> nll(-0.7 * log(pair.ratingGap()))),
                law(new OdpoLoss(0.3, 0.7, OdpoLoss.Scale.LINEAR), pair -> nll(-0.7 * pair.ratingGap())),
                law(new RpoLoss(RpoLoss.Distance.SQ, 0.3, 0.6), pair -> Math.pow(0.6 * pair.ratingGap(), 2)),
                law(new RpoLoss(RpoLoss.Distance.BWD_KL, 0.3, 0.6), pair -> {
                    double p = 1 / (1 + exp(-0.6 * pair.ratingGap()));
                    return p * log(2 * p) + (1 - p) * log(2 * (1 - p));
                }),
                law(new RpoLoss(RpoLoss.Distance.FWD_KL, 0.3, 0.6), pair -> {
                    double p = 1 / (1 + exp(-0.6 * pair.ratingGap()));
                    return -0.5 * log(4 * p * (1 - p));
                }));
    }

    /** Scores are log-probabilities. */
    private static Stream<Arguments> withoutReference() {
        return Stream.of(
                law(new SimPoLoss(1.5, 0.3), pair -> nll(1.5 * (pair.chosen() - pair.rejected()) - 0.3)),
                law(
                        new AlphaPoLoss(1.5, 0.25, 0.3),
                        pair -> nll(6 * (exp(-pair.rejected() / 4) - exp(-pair.chosen() / 4)) - 0.3)),
                law(
                        new CpoLoss(0.3, 0.1, 0.8),
                        pair -> 0.9 * nll(0.3 * (pair.chosen() - pair.rejected()))
                                + 0.1 * nll(0.3 * (pair.rejected() - pair.chosen()))
                                - 0.8 * pair.chosen()),
                law(
                        new OrpoLoss(0.4),
                        pair -> -pair.chosen() + 0.4 * log(1 + odds(exp(pair.rejected())) / odds(exp(pair.chosen())))),
                law(
                        new SlicHfLoss(2, 0.3),
                        pair -> Math.max(0, 2 - pair.chosen() + pair.rejected()) - 0.3 * pair.chosen()));
    }

    private static Arguments law(PairwiseLoss loss, ToDoubleFunction<PairwiseLoss.Pair> printed) {
        return Arguments.of(loss, printed);
    }

    /** The value of a printed formula, of the same scores as another objective. */
    private record Printed(PairwiseLoss scores, ToDoubleFunction<Pair> formula) implements PairwiseLoss {

        @Override
        public Reduction reduction() {
            return scores.reduction();
        }

        @Override
        public Baseline baseline() {
            return scores.baseline();
        }

        @Override
        public PairTerm pair(Pair pair) {
            return new PairTerm(formula.applyAsDouble(pair), 0, 0);
        }
    }

    private static double nll(double x) {
        return log(1 + exp(-x));
    }

    private static double odds(double p) {
        return p / (1 - p);
    }
}
