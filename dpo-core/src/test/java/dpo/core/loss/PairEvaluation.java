package dpo.core.loss;

import dpo.core.logprob.PreferenceLogProbs;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** The evaluation of an objective on pairs that are a whole step, its gradient by sides. */
public record PairEvaluation(double value, double[] chosen, double[] rejected, Map<String, Double> terms) {

    public static PairEvaluation of(PreferenceLoss loss, PreferenceLogProbs pairs) {
        LossEvaluation evaluation = loss.evaluate(pairs, Normalizer.of(pairs));
        return new PairEvaluation(evaluation.value(), side(evaluation, 0), side(evaluation, 1), evaluation.terms());
    }

    private static double[] side(LossEvaluation evaluation, int side) {
        return IntStream.range(0, evaluation.gradient().shape().rows())
                .filter(row -> row % 2 == side)
                .mapToObj(row -> evaluation.gradient().row(row))
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }
}
