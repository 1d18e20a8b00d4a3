package dpo.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

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

    private static final String TERM = "loss/";
    private static final String CARRIED = "carried/";

    /** This report with other metrics. */
    public StepReport withMetrics(Map<String, Double> others) {
        return new StepReport(step, epoch, loss, terms, carried, gradientNorm, learningRate, others, tokens, seconds);
    }

    /** This report as that of another step. */
    public StepReport withStep(int number) {
        return new StepReport(
                number, epoch, loss, terms, carried, gradientNorm, learningRate, metrics, tokens, seconds);
    }

    /** All numbers by the names of {@code metrics.jsonl}: {@code loss/TERM}, {@code carried/NAME}, and so on. */
    public Map<String, Number> values() {
        Map<String, Number> values = new LinkedHashMap<>();
        values.put("step", step);
        values.put("epoch", epoch);
        values.put("loss", loss);
        terms.forEach((name, value) -> values.put(TERM + name, value));
        carried.forEach((name, value) -> values.put(CARRIED + name, value));
        values.put("grad_norm", gradientNorm);
        values.put("learning_rate", learningRate);
        values.putAll(metrics);
        values.put("tokens", tokens);
        values.put("step_seconds", seconds);
        return values;
    }

    /** The report with some {@link #values}. Null stands for a number that is not finite; such a metric is absent. */
    public static StepReport of(Map<String, ?> values) {
        Map<String, Double> terms = new LinkedHashMap<>();
        Map<String, Double> carried = new LinkedHashMap<>();
        Map<String, Double> others = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (value instanceof Number number) {
                boolean isTerm = name.startsWith(TERM);
                Map<String, Double> part = isTerm ? terms : name.startsWith(CARRIED) ? carried : others;
                String prefix = isTerm ? TERM : part == carried ? CARRIED : "";
                part.put(name.substring(prefix.length()), number.doubleValue());
            }
        });
        return new StepReport(
                (int) take(others, "step"),
                take(others, "epoch"),
                take(others, "loss"),
                terms,
                carried,
                take(others, "grad_norm"),
                take(others, "learning_rate"),
                others,
                (long) take(others, "tokens"),
                take(others, "step_seconds"));
    }

    private static double take(Map<String, Double> values, String name) {
        return Objects.requireNonNullElse(values.remove(name), Double.NaN);
    }
}
