package dpo.core.loss.catalog;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenGradient;
import dpo.core.loss.LossContract;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.AotUnpairedLoss;
import dpo.core.loss.batch.ApoZeroUnpairedLoss;
import dpo.core.loss.batch.BcoLoss;
import dpo.core.loss.batch.BetaDpoLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.listwise.LiPoLoss;
import dpo.core.loss.listwise.PlackettLuceLoss;
import dpo.core.loss.listwise.RrhfLoss;
import dpo.core.loss.listwise.SoftmaxDpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.sequence.Label;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The loss contract for every objective of whole steps, single completions and lists, on every kind of data that it
 * supports.
 */
@ParameterizedClass(name = "{0} on {1}")
@MethodSource("losses")
record StepAndListLossesContractTest(PreferenceLoss loss, Data data, ToDoubleFunction<PreferenceLogProbs> initial)
        implements LossContract {

    /** Numbers of completions of the preferences of a step, repeated cyclically. */
    private enum Data {
        PAIRS(2),
        LISTS(3, 2, 5, 4),
        LABELS(1, 1, 2, 1);

        private final int[] completions;

        Data(int... completions) {
            this.completions = completions;
        }
    }

    @Override
    public PreferenceLogProbs examples(int size, long seed) {
        return PreferenceExamples.random(
                seed,
                IntStream.range(0, size)
                        .mapToObj(i -> data.completions[i % data.completions.length])
                        .toList());
    }

    @Override
    public double valueAtInitialisation(PreferenceLogProbs equal) {
        return initial.applyAsDouble(equal);
    }

    /** The token added by the contract is the same in all completions, so that it also cancels in BCO's mean. */
    @Override
    public boolean sharedTokensCancel() {
        return !(loss instanceof KtoLoss || loss instanceof ApoZeroUnpairedLoss || loss instanceof RrhfLoss);
    }

    @Override
    public PreferenceLoss heldConstantAt(PreferenceLogProbs step) {
        if (loss instanceof BcoLoss) {
            double shift = loss.evaluate(step, Normalizer.of(step)).carried().get("mean");
            return new Held(
                    (at, normalizer) -> loss.evaluate(at, normalizer.carrying(Map.of("count", 1e300, "mean", shift))));
        }
        if (loss instanceof BetaDpoLoss adaptive) {
            double[] betas = betas(adaptive, step);
            return new Held((at, normalizer) -> IntStream.range(0, at.size())
                    .mapToObj(j -> new SigmoidLoss(betas[j], 0).evaluate(at.slice(j, j + 1), normalizer))
                    .reduce(
                            new LossEvaluation(
                                    0, TokenGradient.zero(at.policy().shape().rows(0, 0))),
                            (a, b) -> new LossEvaluation(
                                    a.value() + b.value(), a.gradient().then(b.gradient()))));
        }
        return loss;
    }

    /** [1 + α(M − M_0)] β of each pair of a first step, where M_0 is (1 − m) E[M]. */
    private static double[] betas(BetaDpoLoss loss, PreferenceLogProbs step) {
        double[] rewards = IntStream.range(0, step.size())
                .mapToDouble(j -> loss.beta() * (step.logRatio(2 * j) - step.logRatio(2 * j + 1)))
                .toArray();
        double mean = IntStream.range(0, step.size())
                .mapToDouble(j -> rewards[j])
                .average()
                .orElseThrow();
        return IntStream.range(0, step.size())
                .mapToDouble(j -> loss.level() == BetaDpoLoss.Level.BATCH ? mean : rewards[j])
                .map(reward -> loss.beta() * (1 + loss.alpha() * (reward - (1 - loss.momentum()) * mean)))
                .map(beta -> Math.max(1e-3, beta))
                .toArray();
    }

    @FunctionalInterface
    private interface Evaluation {

        LossEvaluation of(PreferenceLogProbs logProbs, Normalizer normalizer);
    }

    /** An objective with some number held constant. */
    private record Held(Evaluation evaluation) implements PreferenceLoss {

        @Override
        public LossEvaluation evaluate(PreferenceLogProbs logProbs, Normalizer normalizer) {
            return evaluation.of(logProbs, normalizer);
        }
    }

    static Stream<Arguments> losses() {
        double log2 = Math.log(2);
        Stream<Arguments> ofPairs = Stream.of(
                Arguments.of(new AotLoss(0.3, 0), Data.PAIRS, initially(equal -> log2)),
                Arguments.of(new AotLoss(0.7, 0.15), Data.PAIRS, initially(equal -> log2)),
                Arguments.of(new AotUnpairedLoss(0.3, 0), Data.PAIRS, initially(equal -> log2)),
                Arguments.of(new AotUnpairedLoss(0.7, 0.15), Data.PAIRS, initially(equal -> log2)),
                Arguments.of(
                        new BetaDpoLoss(0.3, 0.6, BetaDpoLoss.Level.BATCH, 0.9), Data.PAIRS, initially(equal -> log2)),
                Arguments.of(
                        new BetaDpoLoss(0.3, 0.6, BetaDpoLoss.Level.PAIR, 0.5), Data.PAIRS, initially(equal -> log2)));
        Stream<Arguments> ofLabels = Stream.of(Data.PAIRS, Data.LABELS)
                .flatMap(data -> Stream.of(
                        Arguments.of(
                                new KtoLoss(0.3, 1.2, 0.7), data, initially(equal -> meanWeight(equal, 1.2, 0.7) / 2)),
                        Arguments.of(
                                new ApoZeroUnpairedLoss(0.3, 1.2, 0.7),
                                data,
                                initially(equal -> meanWeight(equal, 1.2, 0.7) / 2)),
                        Arguments.of(new BcoLoss(0.3), data, initially(equal -> log2))));
        Stream<Arguments> ofLists = Stream.of(Data.PAIRS, Data.LISTS)
                .flatMap(data -> Stream.of(
                        Arguments.of(
                                new PlackettLuceLoss(0.3),
                                data,
                                initially(
                                        equal -> meanOfLists(equal, j -> IntStream.rangeClosed(2, completions(equal, j))
                                                .mapToDouble(Math::log)
                                                .sum()))),
                        Arguments.of(
                                new SoftmaxDpoLoss(0.3),
                                data,
                                initially(equal -> meanOfLists(equal, j -> Math.log(completions(equal, j))))),
                        Arguments.of(
                                new LiPoLoss(0.3),
                                data,
                                initially(equal -> meanOfLists(
                                        equal,
                                        j -> log2 * lambdas(equal.labels().get(j))))),
                        Arguments.of(
                                new RrhfLoss(0.4), data, initially(equal -> meanOfLists(equal, j -> rrhf(equal, j))))));
        return Stream.of(ofPairs, ofLabels, ofLists).flatMap(each -> each);
    }

    private static ToDoubleFunction<PreferenceLogProbs> initially(ToDoubleFunction<PreferenceLogProbs> value) {
        return value;
    }

    private static double meanWeight(PreferenceLogProbs equal, double desirable, double undesirable) {
        double sum = 0;
        for (Label label : equal.labels().all()) {
            sum += label.isFirstDesirable() ? desirable : undesirable;
            sum += label.isPair() ? undesirable : 0;
        }
        return sum / equal.policy().rows();
    }

    private static double meanOfLists(PreferenceLogProbs equal, IntToDoubleFunction value) {
        return IntStream.range(0, equal.size()).mapToDouble(value).average().orElseThrow();
    }

    private static int completions(PreferenceLogProbs equal, int j) {
        return equal.labels().get(j).completions();
    }

    /** ΣΔ of a list whose scores have the given order. */
    private static double lambdas(Label label) {
        List<Double> ratings = label.ratings();
        double sum = 0;
        for (int i = 1; i <= ratings.size(); i++) {
            for (int k = i + 1; k <= ratings.size(); k++) {
                sum += (Math.pow(2, ratings.get(i - 1)) - Math.pow(2, ratings.get(k - 1)))
                        * (1 / Math.log(1 + i) - 1 / Math.log(1 + k));
            }
        }
        return sum;
    }

    private static double rrhf(PreferenceLogProbs equal, int j) {
        double[] means = IntStream.range(equal.first(j), equal.first(j + 1))
                .mapToDouble(row -> equal.policy().sum(row) / equal.policy().tokens(row))
                .toArray();
        double value = -0.4 * equal.policy().sum(equal.first(j));
        for (int i = 0; i < means.length; i++) {
            for (int k = i + 1; k < means.length; k++) {
                value += means[k] > means[i] ? means[k] - means[i] : 0;
            }
        }
        return value;
    }
}
