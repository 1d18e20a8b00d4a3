package dpo.core.loss.catalog;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Divergence;
import dpo.core.loss.LossContract;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.GroupWeights;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.TurnWeights;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.composed.WpoWeighted;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.loss.referencefree.UnlikelihoodLoss;
import dpo.core.loss.token.Tdpo1Loss;
import dpo.core.loss.token.Tdpo2Loss;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The loss contract for every objective and composition. */
@ParameterizedClass(name = "{0}")
@MethodSource("losses")
record PublishedLossesTest(PreferenceLoss loss, ToDoubleFunction<PreferenceLogProbs> initial) implements LossContract {

    private static final GroupWeights GROUP_WEIGHTS = new GroupWeights.Own(Map.of("a", 0.5, "b", 2.0, "c", 1.25));

    @Override
    public double valueAtInitialisation(PreferenceLogProbs equal) {
        return initial.applyAsDouble(equal);
    }

    @Override
    public boolean sharedTokensCancel() {
        return cancels(loss);
    }

    /** The token added by the contract is in the last turn of both, whose weight is then the same on both sides. */
    private static boolean cancels(PreferenceLoss loss) {
        if (loss instanceof GroupWeighted grouped) {
            return cancels(grouped.loss());
        }
        if (loss instanceof TurnWeighted turns) {
            return !(turns.turns() instanceof TurnWeights.Own) && cancels(turns.loss());
        }
        if (loss instanceof GroupRobust robust) {
            return cancels(robust.loss());
        }
        if (loss instanceof Tdpo1Loss || loss instanceof Tdpo2Loss) {
            return true;
        }
        return loss instanceof MarginLoss margin
                && margin.reduction() == Reduction.SUM
                && margin.divergence() instanceof Divergence.ReverseKl;
    }

    @Override
    public PreferenceLoss heldConstantAt(PreferenceLogProbs step) {
        if (loss instanceof WpoWeighted wpo) {
            return new Held(wpo.loss(), at -> at.withWeights(wpo.weights(step)));
        }
        if (loss instanceof Tdpo2Loss) {
            return new Held(loss, at -> withChosenDivergencesOf(step, at));
        }
        if (loss instanceof GroupRobust robust) {
            Map<String, Double> weights = new TreeMap<>();
            loss.evaluate(step, Normalizer.of(step))
                    .carried()
                    .forEach((name, weight) -> weights.put(name.substring("group/".length()), weight));
            return new GroupWeighted(robust.loss(), new GroupWeights.Own(weights));
        }
        return loss;
    }

    /** The weights depend on the losses, and these on the weights of the data. */
    @Override
    public boolean isLinearInWeights() {
        return !(loss instanceof GroupRobust);
    }

    private static PreferenceLogProbs withChosenDivergencesOf(PreferenceLogProbs step, PreferenceLogProbs at) {
        double[] values = at.statistic(TokenStatistic.REFERENCE_KL).toArray();
        double[] held = step.statistic(TokenStatistic.REFERENCE_KL).toArray();
        TokenShape shape = at.policy().shape();
        chosenRows(at)
                .forEach(row -> System.arraycopy(held, shape.start(row), values, shape.start(row), shape.tokens(row)));
        return PreferenceExamples.withStatistic(at, TokenStatistic.REFERENCE_KL, values);
    }

    /** An objective with replaced weights or statistics. */
    private record Held(PreferenceLoss loss, UnaryOperator<PreferenceLogProbs> seen) implements PreferenceLoss {

        @Override
        public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
            return loss.evaluate(seen.apply(logProbs), normalizer);
        }
    }

    /** Mean over pairs of exp of both sides' means over tokens of log πθ − log Σ π², each no more than a bound. */
    private static double meanWpoWeight(PreferenceLogProbs equal, double bound) {
        TokenLogProbs squared = equal.statistics().get(TokenStatistic.LOG_SUM_SQUARED_PROBS);
        return IntStream.range(0, equal.size())
                .mapToDouble(j -> Math.min(
                        bound,
                        Math.exp(IntStream.of(2 * j, 2 * j + 1)
                                .mapToDouble(row -> (equal.policy().sum(row) - squared.sum(row)) / squared.tokens(row))
                                .sum())))
                .average()
                .orElseThrow();
    }

    static Stream<Arguments> losses() {
        double log2 = Math.log(2);
        return Stream.of(
                law(new SigmoidLoss(0.3, 0), equal -> log2),
                law(new SigmoidLoss(0.7, 0.15), equal -> log2),
                law(new IpoLoss(0.2, Reduction.SUM), equal -> 6.25),
                law(new IpoLoss(0.2, Reduction.MEAN), equal -> 6.25),
                law(new HingeLoss(0.3), equal -> 1),
                law(new SftLoss(SftLoss.Average.SUM), equal -> -total(equal) / equal.size()),
                law(new SftLoss(SftLoss.Average.TOKEN_MEAN), equal -> -total(equal) / chosenTokens(equal)),
                law(new SftLoss(SftLoss.Average.PAIR_MEAN), equal -> -totalOfMeans(equal) / equal.size()),
                law(
                        new UnlikelihoodLoss(0.6),
                        equal -> (0.6 * rejectedUnlikelihood(equal) - total(equal)) / equal.size()),
                law(
                        new WeightedSum(List.of(
                                new WeightedSum.Term("preference", 0.8, new SigmoidLoss(0.3, 0.1)),
                                new WeightedSum.Term("sft", 0.3, new SftLoss(SftLoss.Average.SUM)))),
                        equal -> 0.8 * log2 - 0.3 * total(equal) / equal.size()),
                law(new GroupWeighted(new SigmoidLoss(0.3, 0.1), GROUP_WEIGHTS), equal -> 3.75 * log2),
                law(new GroupWeighted(new IpoLoss(0.5, Reduction.MEAN), GROUP_WEIGHTS), equal -> 3.75),
                law(new GroupWeighted(new SigmoidLoss(0.3, 0.1), new GroupWeights.Equal()), equal -> log2),
                law(new GroupWeighted(new SigmoidLoss(0.3, 0.1), new GroupWeights.BySize()), equal -> log2),
                law(new GroupRobust(new SigmoidLoss(0.3, 0.1), 0.5), equal -> log2),
                law(new FDivergenceLoss(new SigmoidLoss(0.3, 0.1), new Divergence.ForwardKl()), equal -> log2),
                law(new FDivergenceLoss(new HingeLoss(0.3), new Divergence.JensenShannon()), equal -> 1),
                law(new FDivergenceLoss(new IpoLoss(0.5, Reduction.MEAN), new Divergence.Alpha(0.4)), equal -> 1),
                law(new FDivergenceLoss(new SigmoidLoss(0.3, 0), new Divergence.Alpha(-0.5)), equal -> log2),
                law(new LengthDesensitized(new SigmoidLoss(0.3, 0.1), 0.4), equal -> log2),
                law(new LengthDesensitized(new IpoLoss(0.5, Reduction.MEAN), 0), equal -> 1),
                law(
                        new TurnWeighted(
                                new LengthDesensitized(new SigmoidLoss(0.3, 0.1), 0.4), new TurnWeights.Last()),
                        equal -> log2),
                law(new WpoWeighted(new HingeLoss(0.3), false), equal -> meanWpoWeight(equal, 1e9)),
                law(new WpoWeighted(new HingeLoss(0.3)), equal -> meanWpoWeight(equal, 1)),
                law(new TurnWeighted(new SigmoidLoss(0.3, 0.1), new TurnWeights.All()), equal -> log2),
                law(new TurnWeighted(new SigmoidLoss(0.3, 0.1), new TurnWeights.Last()), equal -> log2),
                law(new TurnWeighted(new IpoLoss(0.5, Reduction.MEAN), new TurnWeights.Discounted(0.6)), equal -> 1),
                law(new TurnWeighted(new HingeLoss(0.3), new TurnWeights.Own(List.of(0.5, 0.0, 2.0))), equal -> 1),
                law(new Tdpo1Loss(0.3), equal -> log2),
                law(new Tdpo2Loss(0.3, 0.7), equal -> log2),
                law(new WpoWeighted(new Tdpo1Loss(0.3)), equal -> log2 * meanWpoWeight(equal, 1)),
                law(new GroupWeighted(new Tdpo1Loss(0.3), GROUP_WEIGHTS), equal -> 3.75 * log2),
                law(new GroupRobust(new Tdpo1Loss(0.3), 0.5), equal -> log2),
                law(new TurnWeighted(new Tdpo1Loss(0.3), new TurnWeights.Last()), equal -> log2),
                law(new TurnWeighted(new Tdpo1Loss(0.3), new TurnWeights.Own(List.of(0.5, 0.0, 2.0))), equal -> log2),
                law(
                        new WeightedSum(List.of(
                                new WeightedSum.Term("first", 0.8, new Tdpo1Loss(0.3)),
                                new WeightedSum.Term("second", -0.3, new Tdpo1Loss(0.7)),
                                new WeightedSum.Term("sft", 0.4, new SftLoss(SftLoss.Average.SUM)))),
                        equal -> 0.5 * log2 - 0.4 * total(equal) / equal.size()),
                law(
                        new GroupWeighted(
                                new TurnWeighted(new SigmoidLoss(0.3, 0), new TurnWeights.Last()), GROUP_WEIGHTS),
                        equal -> 3.75 * log2));
    }

    private static Arguments law(PreferenceLoss loss, ToDoubleFunction<PreferenceLogProbs> initial) {
        return Arguments.of(loss, initial);
    }

    private static double total(PreferenceLogProbs equal) {
        return chosenRows(equal).mapToDouble(equal.reference()::sum).sum();
    }

    private static double rejectedUnlikelihood(PreferenceLogProbs equal) {
        return chosenRows(equal)
                .mapToObj(row -> equal.reference().row(row + 1))
                .flatMapToDouble(Arrays::stream)
                .map(logProb -> -Math.log(1 - Math.exp(logProb)))
                .sum();
    }

    private static double totalOfMeans(PreferenceLogProbs equal) {
        return chosenRows(equal)
                .mapToDouble(
                        row -> equal.reference().sum(row) / equal.reference().tokens(row))
                .sum();
    }

    private static int chosenTokens(PreferenceLogProbs equal) {
        return chosenRows(equal).map(equal.reference()::tokens).sum();
    }

    private static IntStream chosenRows(PreferenceLogProbs equal) {
        return IntStream.range(0, equal.size()).map(equal::first);
    }
}
