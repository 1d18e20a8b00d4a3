package dpo.core.loss.pairwise;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.PairwiseLoss.Pair;
import dpo.core.loss.PairwiseLoss.PairTerm;
import dpo.core.loss.Reduction;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pairwise objectives at the limits of their settings. */
class ExtremeSettingsTest {

    private static final double[] SCORES = {-1e4, -1, 0, 1, 1e4};

    private static List<PairwiseLoss> withBeta(double beta) {
        return List.of(
                new SigmoidLoss(beta, 0),
                new SigmoidLoss(beta, 0.49),
                new RobustLoss(beta, 0.49),
                new IpoLoss(beta, Reduction.SUM),
                new HingeLoss(beta),
                new ExoPairLoss(beta, 1e-3),
                new DiscoPopLoss(beta, 0.05),
                new DiscoPopLoss(beta, 2),
                new SigmoidNormLoss(beta, 0.1),
                new NcaPairLoss(beta),
                new BcoPairLoss(beta),
                new SppoHardLoss(beta),
                new ApoZeroLoss(beta),
                new ApoDownLoss(beta),
                new DpopLoss(beta, 50),
                new CalDpoLoss(beta),
                new ChiPoLoss(beta, 1),
                new RDpoLoss(beta, 0.1),
                new OdpoLoss(beta, 1, OdpoLoss.Scale.LOG),
                new RpoLoss(RpoLoss.Distance.SQ, beta, 1),
                new RpoLoss(RpoLoss.Distance.BWD_KL, beta, 1),
                new RpoLoss(RpoLoss.Distance.FWD_KL, beta, 1),
                new CpoLoss(beta, 0.1, 1),
                new SimPoLoss(beta, 0.5),
                new AlphaPoLoss(beta, 0.25, 0.5),
                new AlphaPoLoss(beta, -0.25, 0.5));
    }

    @Test
    void no_beta_gives_a_nan_value_or_slope() {
        for (double beta : new double[] {Double.MIN_NORMAL, 1e-300, 1e-10, 1e10, 1e300}) {
            withBeta(beta).forEach(ExtremeSettingsTest::assertNumbers);
        }
    }

    @Test
    void settings_near_the_ends_of_their_ranges_give_no_nan_value_or_slope() {
        for (PairwiseLoss loss : List.of(
                new SigmoidLoss(0.1, Math.nextDown(0.5)),
                new RobustLoss(0.1, Math.nextDown(0.5)),
                new ExoPairLoss(0.1, Double.MIN_NORMAL),
                new ExoPairLoss(0.1, Math.nextDown(0.5)),
                new DiscoPopLoss(0.1, 1e-300),
                new DiscoPopLoss(0.1, 1e300),
                new DpopLoss(0.1, 1e300),
                new ChiPoLoss(0.1, Double.MIN_NORMAL),
                new ChiPoLoss(0.1, 1e300),
                new RDpoLoss(0.1, 1e300),
                new OdpoLoss(0.1, 1e300, OdpoLoss.Scale.LINEAR),
                new RpoLoss(RpoLoss.Distance.BWD_KL, 0.1, 1e300),
                new RpoLoss(RpoLoss.Distance.FWD_KL, 0.1, 1e-300),
                new SimPoLoss(2, 1e300),
                new AlphaPoLoss(2, 1e-300, 0.5),
                new AlphaPoLoss(2, 1e200, 0.5),
                new AlphaPoLoss(2, -1e200, 0.5),
                new OrpoLoss(1e300),
                new SlicHfLoss(1e300, 1e300))) {
            assertNumbers(loss);
        }
    }

    private static void assertNumbers(PairwiseLoss loss) {
        for (double chosen : SCORES) {
            for (double rejected : SCORES) {
                PairTerm term = loss.pair(new Pair(chosen, rejected, 7, 3, 1.5));
                assertThat(List.of(term.value(), term.chosenSlope(), term.rejectedSlope()))
                        .as("%s at %s and %s", loss, chosen, rejected)
                        .noneMatch(value -> value.isNaN());
            }
        }
    }
}
