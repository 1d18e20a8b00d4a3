package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws, of every objective and composition. */
@ParameterizedClass(name = "{0}")
@MethodSource("losses")
record PublishedLossesTest(PreferenceLoss loss, ToDoubleFunction<PreferenceLogProbs> initial) implements LossContract {

    private static final Map<String, Double> GROUP_WEIGHTS = Map.of("a", 0.5, "b", 2.0, "c", 1.25);

    @Override
    public double valueAtInitialisation(PreferenceLogProbs equal) {
        return initial.applyAsDouble(equal);
    }

    static Stream<Arguments> losses() {
        double log2 = Math.log(2);
        return Stream.of(
                law(new SigmoidLoss(0.3, 0), equal -> log2),
                law(new SigmoidLoss(0.7, 0.15), equal -> log2),
                law(new IpoLoss(0.2, Reduction.SUM), equal -> 6.25),
                law(new IpoLoss(0.2, Reduction.MEAN), equal -> 6.25),
                law(new HingeLoss(0.3), equal -> 1),
                law(new SftLoss(SftLoss.Average.SUM), equal -> -total(equal) / equal.pairs()),
                law(new SftLoss(SftLoss.Average.TOKEN_MEAN),
                        equal -> -total(equal) / equal.policyChosen().shape().tokens()),
                law(new SftLoss(SftLoss.Average.PAIR_MEAN), equal -> -totalOfMeans(equal) / equal.pairs()),
                law(
                        new WeightedSum(List.of(
                                new WeightedSum.Term("preference", 0.8, new SigmoidLoss(0.3, 0.1)),
                                new WeightedSum.Term("sft", 0.3, new SftLoss(SftLoss.Average.SUM)))),
                        equal -> 0.8 * log2 - 0.3 * total(equal) / equal.pairs()),
                law(new GroupWeighted(new SigmoidLoss(0.3, 0.1), GROUP_WEIGHTS), equal -> 3.75 * log2),
                law(new GroupWeighted(new IpoLoss(0.5, Reduction.MEAN), GROUP_WEIGHTS), equal -> 3.75),
                law(new TurnWeighted(new SigmoidLoss(0.3, 0.1), new TurnWeights.All()), equal -> log2),
                law(new TurnWeighted(new SigmoidLoss(0.3, 0.1), new TurnWeights.Last()), equal -> log2),
                law(new TurnWeighted(new IpoLoss(0.5, Reduction.MEAN), new TurnWeights.Discounted(0.6)), equal -> 1),
                law(new TurnWeighted(new HingeLoss(0.3), new TurnWeights.Own(List.of(0.5, 0.0, 2.0))), equal -> 1),
                law(
                        new GroupWeighted(
                                new TurnWeighted(new SigmoidLoss(0.3, 0), new TurnWeights.Last()), GROUP_WEIGHTS),
                        equal -> 3.75 * log2));
    }

    private static Arguments law(PreferenceLoss loss, ToDoubleFunction<PreferenceLogProbs> initial) {
        return Arguments.of(loss, initial);
    }

    private static double total(PreferenceLogProbs equal) {
        double sum = 0;
        for (double value : equal.referenceChosen().toArray()) {
            sum += value;
        }
        return sum;
    }

    private static double totalOfMeans(PreferenceLogProbs equal) {
        double sum = 0;
        for (int pair = 0; pair < equal.pairs(); pair++) {
            sum += equal.referenceChosen().sum(pair) / equal.referenceChosen().tokens(pair);
        }
        return sum;
    }
}
