package dpo.train;

import dpo.core.InvalidInputException;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * Which evaluation of a training is the best, and when training stops because no better one is expected.
 *
 * <p>An evaluation is the best so far if its metric is better than that of all earlier ones; of equal ones, the first is.
 * With a patience of p, training stops after p evaluations in a row that do not improve on the last improvement by more
 * than {@code min_delta}.
 *
 * @param metric metric of evaluations
 * @param direction which values are better
 * @param patience p; empty: training never stops early
 * @param minDelta least improvement that counts for the patience, in the metric's unit
 */
public record BestEvaluation(
        @Setting(about = "metric of evaluations, such as eval/loss or eval/rewards/accuracies")
        String metric,

        @Setting(about = "lowest or highest: which values are better")
        Direction direction,

        @Setting(about = "stop after so many evaluations in a row without an improvement; absent: train to the end")
        Optional<Integer> patience,

        @Setting(about = "improvement that counts for patience, in the metric's unit, >= 0", byDefault = "0.0")
        double minDelta) {

    /** Which values of a metric are better. */
    public enum Direction {
        /** Small values, of a loss. */
        LOWEST,
        /** Large values, of an accuracy or a reward. */
        HIGHEST
    }

    /**
     * The best evaluation so far.
     *
     * @param step its step
     * @param value its metric
     * @param improved metric at the last improvement by more than {@code min_delta}
     * @param since number of evaluations since then
     */
    public record Best(int step, double value, double improved, int since) {}

    public BestEvaluation {
        patience.ifPresent(evaluations -> Requirement.atLeast("patience", evaluations, 1));
        Requirement.notNegative("min_delta", minDelta);
    }

    /**
     * The best evaluation after another one. NaN is never better than a number.
     *
     * @param before the best of the earlier ones; empty at the first
     * @param step step of the evaluation
     * @param metrics its metrics
     * @throws InvalidInputException if the metric is not among them
     */
    public Best after(Optional<Best> before, int step, Map<String, Double> metrics) {
        Double value = metrics.get(metric);
        if (value == null) {
            throw new InvalidInputException(
                    "training.best.metric must be a metric of the evaluations " + metrics.keySet() + ", got " + metric);
        }
        if (before.isEmpty()) {
            return new Best(step, value, value, 0);
        }
        Best best = before.get();
        boolean isBest = gain(value, best.value()) > 0;
        boolean improves = gain(value, best.improved()) > minDelta;
        return new Best(
                isBest ? step : best.step(),
                isBest ? value : best.value(),
                improves ? value : best.improved(),
                improves ? 0 : best.since() + 1);
    }

    /** By how much a value is better than another; any number is better than NaN. */
    private double gain(double value, double other) {
        if (Double.isNaN(value)) {
            return Double.NEGATIVE_INFINITY;
        }
        if (Double.isNaN(other)) {
            return Double.POSITIVE_INFINITY;
        }
        return direction == Direction.LOWEST ? other - value : value - other;
    }

    /** Whether training stops. */
    public boolean isOver(Optional<Best> best) {
        return best.isPresent()
                && patience.filter(most -> best.get().since() >= most).isPresent();
    }
}
