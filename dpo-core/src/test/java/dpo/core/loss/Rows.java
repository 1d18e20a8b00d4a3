package dpo.core.loss;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Label;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Steps for tests whose completions are one token each, of given log-ratios. */
public final class Rows {

    private Rows() {}

    /** Completions in rows, with the given log-ratios; the reference gives every token −1. */
    public static PreferenceLogProbs ofLogRatios(List<Label> labels, double... logRatios) {
        return new PreferenceLogProbs(
                column(Arrays.stream(logRatios).map(ratio -> ratio - 1).toArray()),
                column(Arrays.stream(logRatios).map(ratio -> -1).toArray()),
                Labels.of(labels));
    }

    /** Pairs: the log-ratios of chosen and rejected completions, alternating. */
    public static PreferenceLogProbs pairs(double... logRatios) {
        return ofLogRatios(Collections.nCopies(logRatios.length / 2, Label.ordered(2)), logRatios);
    }

    /** One list, best first. */
    public static PreferenceLogProbs list(List<Double> ratings, double... logRatios) {
        return ofLogRatios(List.of(new Label(logRatios.length, ratings, "all", 1)), logRatios);
    }

    /** The same with log-ratios of mismatched prompts. */
    public static PreferenceLogProbs withMismatched(PreferenceLogProbs step, Double... mismatched) {
        return new PreferenceLogProbs(step.policy(), step.reference(), step.labels(), Map.of(), List.of(mismatched));
    }

    /** The evaluation of a first step. */
    public static LossEvaluation evaluate(PreferenceLoss loss, PreferenceLogProbs step) {
        return loss.evaluate(step, Normalizer.of(step));
    }

    private static TokenLogProbs column(double[] values) {
        return TokenLogProbs.ofRows(IntStream.range(0, values.length)
                .mapToObj(i -> new double[] {values[i]})
                .toArray(double[][]::new));
    }
}
