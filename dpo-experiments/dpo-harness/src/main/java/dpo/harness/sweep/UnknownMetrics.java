package dpo.harness.sweep;

import dpo.harness.config.ConfigError;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.Halving;
import dpo.train.BestEvaluation;
import dpo.train.EvaluationNames;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Finds the metrics by which a configuration chooses and which its evaluations do not have. */
final class UnknownMetrics {

    private final Set<String> problems = new LinkedHashSet<>();

    private UnknownMetrics() {}

    /**
     * What is wrong with {@code training.best.metric} and {@code halving.metric}.
     *
     * @param isExact whether the model of a run has an exact evaluation
     * @return one line of text per problem
     */
    static Set<String> of(List<PlannedRun> runs, Optional<Halving> halving, Predicate<PlannedRun> isExact) {
        UnknownMetrics unknown = new UnknownMetrics();
        Map<Object, Set<String>> known = new HashMap<>();
        for (PlannedRun run : runs) {
            ExperimentConfig config = run.config();
            Optional<String> best = config.training().best().map(BestEvaluation::metric);
            if (best.isEmpty() && halving.isEmpty()) {
                continue;
            }
            boolean exact = isExact.test(run);
            Set<String> names = known.computeIfAbsent(
                    List.of(config.objective(), config.metrics(), run.identity().data(), exact),
                    key -> EvaluationNames.of(
                            config.trainingSettings(), run.data().tokens().evaluation(), exact));
            best.ifPresent(metric -> unknown.require("training.best.metric", metric, names));
            halving.ifPresent(given -> unknown.require("halving.metric", given.metric(), names));
        }
        return unknown.problems;
    }

    private void require(String key, String metric, Set<String> names) {
        if (names.isEmpty()) {
            problems.add(key + " must be a metric of the evaluations, of which there are none without data.evaluation,"
                    + " got " + metric);
        } else if (!names.contains(metric)) {
            problems.add(key + " must be a metric of the evaluations, got " + metric
                    + ConfigError.suggestion(metric, names));
        }
    }
}
