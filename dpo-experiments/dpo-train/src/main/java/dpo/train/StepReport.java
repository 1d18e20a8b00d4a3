package dpo.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of an optimizer step.
 *
 * @param step number of the step, from 1
 * @param epoch number of epochs completed after the step
 * @param loss value of the whole objective
 * @param terms value of each named term
 * @param carried state of the objective for the next step
 * @param gradientNorm L2 norm of the gradient before it is clipped
 * @param learningRate of the step
 * @param metrics of the step's preferences, see {@link dpo.core.metric.MetricSet}
 * @param tokens length of all sequences of the step
 * @param seconds wall time of the step
 */
public record StepReport(
        int step,
        double epoch,
        double loss,
        Map<String, Double> terms,
        Map<String, Double> carried,
        double gradientNorm,
        double learningRate,
        Map<String, Double> metrics,
        long tokens,
        double seconds) {

    /** Prefix of the names of the objective's state. */
    public static final String CARRIED = "carried/";

    /** All numbers by the names of {@code metrics.jsonl}: {@code loss/TERM}, {@code carried/NAME}, and so on. */
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("step", step);
        values.put("epoch", epoch);
        values.put("loss", loss);
        terms.forEach((name, value) -> values.put("loss/" + name, value));
        carried.forEach((name, value) -> values.put(CARRIED + name, value));
        values.put("grad_norm", gradientNorm);
        values.put("learning_rate", learningRate);
        values.putAll(metrics);
        values.put("tokens", tokens);
        values.put("step_seconds", seconds);
        return values;
    }
}
