package dpo.harness.run;

import dpo.harness.store.EvaluationLine;
import dpo.harness.store.RunFolder;
import dpo.train.BestEvaluation;
import dpo.train.BestEvaluation.Best;
import dpo.train.Budget;
import dpo.train.StepReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The result of a run, which is a function of its files. */
public final class RunResult {

    private RunResult() {}

    /**
     * The final metrics, read back from the files of a run: the number of optimizer {@code steps}; {@code train/mean_loss}, the
     * mean of the loss over all optimizer steps (TRL's {@code train_loss}); {@code train/last_loss}, that of the last
     * step; the sums of the {@linkplain Budget budgets} of the steps, with {@code budget/seconds}, if they are recorded;
     * the last evaluation; and, if the best evaluation was chosen, its step {@code best/step} and its metric {@code
     * best/METRIC}. NaN without a step.
     */
    public static Map<String, Double> of(RunFolder folder, Optional<BestEvaluation> choice) {
        List<StepReport> steps = folder.metrics();
        List<EvaluationLine> evaluations = folder.evaluations();
        Map<String, Double> result = new LinkedHashMap<>();
        result.put(
                "steps",
                steps.isEmpty() ? 0.0 : (double) steps.get(steps.size() - 1).step());
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
        choice.flatMap(rule -> best(rule, byStep(folder))).ifPresent(best -> {
            result.put("best/step", (double) best.step());
            result.put("best/" + choice.get().metric(), best.value());
        });
        return result;
    }

    private static Optional<Best> best(BestEvaluation rule, SortedMap<Integer, Map<String, Double>> evaluations) {
        Optional<Best> best = Optional.empty();
        for (Map.Entry<Integer, Map<String, Double>> evaluation : evaluations.entrySet()) {
            best = Optional.of(rule.after(best, evaluation.getKey(), evaluation.getValue()));
        }
        return best;
    }

    /** The metrics of each evaluation by step; NaN for a number that is not finite. */
    static SortedMap<Integer, Map<String, Double>> byStep(RunFolder folder) {
        SortedMap<Integer, Map<String, Double>> byStep = new TreeMap<>();
        for (EvaluationLine line : folder.evaluations()) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            line.metrics().forEach((name, value) -> metrics.put(name, value == null ? Double.NaN : value));
            byStep.put(line.step(), metrics);
        }
        return byStep;
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
