package dpo.core.loss.catalog;

import static java.lang.Math.exp;
import static java.lang.Math.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Divergence;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.AotUnpairedLoss;
import dpo.core.loss.batch.ApoZeroUnpairedLoss;
import dpo.core.loss.batch.BcoLoss;
import dpo.core.loss.batch.BetaDpoLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.composed.WpoWeighted;
import dpo.core.loss.listwise.LiPoLoss;
import dpo.core.loss.listwise.PlackettLuceLoss;
import dpo.core.loss.listwise.RrhfLoss;
import dpo.core.loss.listwise.SoftmaxDpoLoss;
import dpo.core.loss.pairwise.ApoDownLoss;
import dpo.core.loss.pairwise.ApoZeroLoss;
import dpo.core.loss.pairwise.BcoPairLoss;
import dpo.core.loss.pairwise.CalDpoLoss;
import dpo.core.loss.pairwise.ChiPoLoss;
import dpo.core.loss.pairwise.DiscoPopLoss;
import dpo.core.loss.pairwise.DpopLoss;
import dpo.core.loss.pairwise.ExoPairLoss;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.NcaPairLoss;
import dpo.core.loss.pairwise.OdpoLoss;
import dpo.core.loss.pairwise.RDpoLoss;
import dpo.core.loss.pairwise.RobustLoss;
import dpo.core.loss.pairwise.RpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.pairwise.SigmoidNormLoss;
import dpo.core.loss.pairwise.SppoHardLoss;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import dpo.core.loss.referencefree.UnlikelihoodLoss;
import dpo.core.loss.token.Tdpo1Loss;
import dpo.core.loss.token.Tdpo2Loss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reward and the probability of each objective, computed by hand for one pair. */
class ImplicitRewardTest {

    private static final double NONE = Double.NaN;

    /** l = −3 and −2.25, s = 1.5 and 0.75 over two and three tokens; D = 0.3 and 0.15. */
    private static final PreferenceLogProbs PAIR = new PreferenceLogProbs(
            TokenLogProbs.ofRows(new double[] {-1, -2}, new double[] {-1, -0.5, -0.75}),
            TokenLogProbs.ofRows(new double[] {-2, -2.5}, new double[] {-1, -1, -1}),
            Labels.of(List.of(Label.ordered(2))),
            Map.of(
                    TokenStatistic.REFERENCE_KL,
                    TokenLogProbs.ofRows(new double[] {0.1, 0.2}, new double[] {0.05, 0.05, 0.05})),
            List.of());

    private record Expected(PreferenceLoss loss, double chosen, double rejected, double probability) {

        @Override
        public String toString() {
            return loss.toString();
        }
    }

    private static double sigma(double x) {
        return 1 / (1 + exp(-x));
    }

    private static double logOdds(double mean) {
        return log(exp(mean) / (1 - exp(mean)));
    }

    private static Expected of(PreferenceLoss loss, double chosen, double rejected, double probability) {
        return new Expected(loss, chosen, rejected, probability);
    }

    /** β times the log-ratio, β = 0.4: 0.6 and 0.3. */
    private static Expected ofLogRatios(PreferenceLoss loss, double probability) {
        return of(loss, 0.6, 0.3, probability);
    }

    private static Stream<Expected> objectives() {
        double bt = sigma(0.3);
        double alphaWon = 2 * (1 - exp(0.375)) / 0.25;
        double alphaLost = 2 * (1 - exp(0.1875)) / 0.25;
        return Stream.of(
                ofLogRatios(new SigmoidLoss(0.4, 0), bt),
                ofLogRatios(new SigmoidLoss(0.4, 0.1), (bt - 0.1) / 0.8),
                ofLogRatios(new RobustLoss(0.4, 0.1), 0.9 * bt + 0.1 * (1 - bt)),
                ofLogRatios(new IpoLoss(0.4, Reduction.SUM), 0.8),
                of(new IpoLoss(0.4, Reduction.MEAN), 0.3, 0.1, 0.7),
                of(new SigmoidNormLoss(0.4, 0), 0.3, 0.1, sigma(0.2)),
                ofLogRatios(new ExoPairLoss(0.4, 0.1), 0.5 + 0.3 / (2 * log(9))),
                ofLogRatios(new HingeLoss(0.4), NONE),
                ofLogRatios(new DiscoPopLoss(0.4, 0.05), NONE),
                ofLogRatios(new NcaPairLoss(0.4), NONE),
                ofLogRatios(new BcoPairLoss(0.4), NONE),
                ofLogRatios(new SppoHardLoss(0.4), NONE),
                ofLogRatios(new ApoZeroLoss(0.4), NONE),
                ofLogRatios(new ApoDownLoss(0.4), NONE),
                ofLogRatios(new DpopLoss(0.4, 5), NONE),
                ofLogRatios(new CalDpoLoss(0.4), NONE),
                of(
                        new ChiPoLoss(0.4, 1),
                        0.4 * (exp(1.5) + 1.5),
                        0.4 * (exp(0.75) + 0.75),
                        sigma(0.4 * (exp(1.5) - exp(0.75) + 0.75))),
                of(new ChiPoLoss(0.4, 0.25), 0.4 * (exp(1.5) + 1.5), 0.4 * (exp(0.75) + 0.75), sigma(0.5)),
                of(new RDpoLoss(0.4, 0.05), 0.7, 0.45, sigma(0.25)),
                ofLogRatios(new OdpoLoss(0.4, 1, OdpoLoss.Scale.LOG), NONE),
                ofLogRatios(new RpoLoss(RpoLoss.Distance.SQ, 0.4, 1), NONE),
                ofLogRatios(new RpoLoss(RpoLoss.Distance.BWD_KL, 0.4, 1), bt),
                ofLogRatios(new RpoLoss(RpoLoss.Distance.FWD_KL, 0.4, 1), bt),
                of(new Tdpo1Loss(0.4), 0.72, 0.36, sigma(0.36)),
                of(new Tdpo2Loss(0.4, 0.5), 0.66, 0.33, sigma(0.33)),
                of(new SimPoLoss(2, 0), -3, -1.5, sigma(-1.5)),
                of(new SimPoLoss(2, 0.5), -3, -1.5, sigma(-1) / (sigma(-1) + sigma(2))),
                of(new AlphaPoLoss(2, 0.25, 0), alphaWon, alphaLost, sigma(alphaWon - alphaLost)),
                of(new CpoLoss(0.4, 0, 1), -1.2, -0.9, sigma(-0.3)),
                of(new OrpoLoss(0.1), logOdds(-1.5), logOdds(-0.75), sigma(logOdds(-1.5) - logOdds(-0.75))),
                of(new SlicHfLoss(1, 0.1), -3, -2.25, NONE),
                of(new UnlikelihoodLoss(0.5), -3, -2.25, NONE),
                of(new SftLoss(SftLoss.Average.SUM), -3, -2.25, NONE),
                of(new SftLoss(SftLoss.Average.TOKEN_MEAN), -3, -2.25, NONE),
                of(new SftLoss(SftLoss.Average.PAIR_MEAN), -1.5, -0.75, NONE),
                ofLogRatios(new AotLoss(0.4, 0), NONE),
                ofLogRatios(new AotUnpairedLoss(0.4, 0), NONE),
                ofLogRatios(new BetaDpoLoss(0.4, 0.6, BetaDpoLoss.Level.PAIR, 0.9), NONE),
                ofLogRatios(new KtoLoss(0.4, 1, 1), NONE),
                ofLogRatios(new ApoZeroUnpairedLoss(0.4, 1, 1), NONE),
                ofLogRatios(new BcoLoss(0.4), NONE),
                ofLogRatios(new PlackettLuceLoss(0.4), bt),
                ofLogRatios(new SoftmaxDpoLoss(0.4), bt),
                ofLogRatios(new LiPoLoss(0.4), bt),
                of(new RrhfLoss(1), -1.5, -0.75, NONE));
    }

    private static Stream<Expected> compositions() {
        SigmoidLoss sigmoid = new SigmoidLoss(0.4, 0);
        double bt = sigma(0.3);
        return Stream.of(
                of(
                        new FDivergenceLoss(sigmoid, new Divergence.ForwardKl()),
                        0.4 * (1 - exp(-1.5)),
                        0.4 * (1 - exp(-0.75)),
                        sigma(0.4 * (exp(-0.75) - exp(-1.5)))),
                // The third token of the longer completion, of log-ratio 0.25, counts by half.
                of(new LengthDesensitized(sigmoid, 0.5), 0.6, 0.25, sigma(0.35)),
                ofLogRatios(new WpoWeighted(sigmoid), bt),
                ofLogRatios(new GroupWeighted(sigmoid, new GroupWeights.Equal()), bt),
                ofLogRatios(new GroupRobust(sigmoid, 0.1), bt),
                of(new TurnWeighted(sigmoid, new TurnWeights.Own(List.of(0.5))), 0.3, 0.15, sigma(0.15)),
                ofLogRatios(sum(new SftLoss(SftLoss.Average.SUM), 1, sigmoid, 1), bt),
                ofLogRatios(sum(new SlicHfLoss(1, 1), 0, sigmoid, 1), bt),
                ofLogRatios(sum(sigmoid, 1, new BcoPairLoss(0.7), 1), NONE),
                of(
                        sum(new SftLoss(SftLoss.Average.SUM), 1, new SftLoss(SftLoss.Average.PAIR_MEAN), 1),
                        -3,
                        -2.25,
                        NONE));
    }

    private static WeightedSum sum(PreferenceLoss first, double weight, PreferenceLoss second, double secondWeight) {
        return new WeightedSum(List.of(
                new WeightedSum.Term("first", weight, first), new WeightedSum.Term("second", secondWeight, second)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"objectives", "compositions"})
    void rewards_and_probability_equal_those_of_the_objectives_own_score_and_link(Expected expected) {
        double[] rewards = expected.loss().rewards(PAIR);
        assertThat(rewards).containsExactly(new double[] {expected.chosen(), expected.rejected()}, within(1e-14));
        assertThat(expected.loss().probability(rewards[0] - rewards[1]).orElse(NONE))
                .isEqualTo(expected.probability(), within(1e-14));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"objectives", "compositions"})
    void probabilities_of_both_orders_add_up_to_one_and_grow_with_the_margin(Expected expected) {
        boolean isDefined = !Double.isNaN(expected.probability());
        double before = 0;
        for (double margin : new double[] {-1e5, -5, -1, -0.1, 0, 0.1, 1, 5, 1e5}) {
            assertThat(expected.loss().probability(margin).isPresent()).isEqualTo(isDefined);
            if (isDefined) {
                double probability = expected.loss().probability(margin).orElseThrow();
                assertThat(probability).isBetween(before, 1.0);
                assertThat(probability + expected.loss().probability(-margin).orElseThrow())
                        .isCloseTo(1, within(1e-15));
                before = probability;
            }
        }
        assertThat(expected.loss().probability(NONE).orElse(NONE)).isNaN();
    }

    @Test
    void every_published_objective_and_modifier_has_a_case() {
        assertThat(objectives().<Class<?>>map(each -> each.loss().getClass()).toList())
                .containsAll(Objectives.published());
        assertThat(compositions().<Class<?>>map(each -> each.loss().getClass()).toList())
                .containsAll(Objectives.modifiers());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"objectives", "compositions"})
    void an_objective_that_uses_no_reference_has_its_rewards_without_one(Expected expected) {
        PreferenceLogProbs alone = new PreferenceLogProbs(
                PAIR.policy(), TokenLogProbs.ofRows(), PAIR.labels(), PAIR.statistics(), List.of());
        if (expected.loss().usesReference()) {
            assertThatThrownBy(() -> expected.loss().rewards(alone))
                    .hasMessage("reference log-probs must be given for an objective that depends on them, got none");
        } else {
            assertThat(expected.loss().rewards(alone)).isEqualTo(expected.loss().rewards(PAIR));
        }
    }
}
