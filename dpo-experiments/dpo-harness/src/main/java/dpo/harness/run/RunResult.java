package dpo.harness.run;

import dpo.harness.store.EvaluationLine;
import dpo.harness.store.RunFolder;
import dpo.train.Budget;
import dpo.train.StepReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The result of a run, which is a function of its files. */
public final class RunResult {

    private RunResult() {}

    /**
     * The final metrics, read back from the files of a run, without the number of steps: {@code train/mean_loss}, the
     * mean of the loss over all optimizer steps (TRL's {@code train_loss}); {@code train/last_loss}, that of the last
     * step; the sums of the {@linkplain Budget budgets} of the steps, with {@code budget/seconds}, if they are recorded;
     * and the last evaluation. NaN without a step.
     */
    public static Map<String, Double> of(RunFolder folder) {
        List<StepReport> steps = folder.metrics();
        List<EvaluationLine> evaluations = folder.evaluations();
        Map<String, Double> result = new LinkedHashMap<>();
        result.put(
                "train/mean_loss",
                steps.stream().mapToDouble(StepReport::loss).average().orElse(Double.NaN));
        result.put(
                "train/last_loss",
                steps.isEmpty() ? Double.NaN : steps.get(steps.size() - 1).loss());
        budget(steps).forEach(result::put);
        if (!evaluations.isEmpty()) {
            evaluations.get(evaluations.size() - 1).metrics().forEach((name, value) -> {
                if (value != null) {
                    result.put(name, value);
                }
            });
        }
        return result;
    }

    private static Map<String, Double> budget(List<StepReport> steps) {
        Map<String, Double> budget = new LinkedHashMap<>();
        for (StepReport step : steps) {
            step.metrics().forEach((name, value) -> {
                if (name.startsWith(Budget.PREFIX)) {
                    budget.merge(name, value, Double::sum);
                }
            });
        }
        if (!budget.isEmpty()) {
            budget.put(
                    Budget.PREFIX + "seconds",
                    steps.stream().mapToDouble(StepReport::seconds).sum());
        }
        return budget;
    }
}
