package dpo.train;

import java.util.List;
import java.util.Map;

/**
 * The results of a training.
 *
 * @param steps report of every optimizer step, in order
 * @param evaluations report of every evaluation, in order; the last one is of the trained policy
 */
public record TrainingResult(List<StepReport> steps, List<EvaluationReport> evaluations) {

    public TrainingResult {
        steps = List.copyOf(steps);
        evaluations = List.copyOf(evaluations);
    }

    /** Mean of the loss over all optimizer steps. */
    public double meanLoss() {
        return steps.stream().mapToDouble(StepReport::loss).average().orElse(Double.NaN);
    }

    /** Metrics of the trained policy on held-out preferences; empty without any. */
    public Map<String, Double> metrics() {
        return evaluations.isEmpty()
                ? Map.of()
                : evaluations.get(evaluations.size() - 1).metrics();
    }
}
