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
import java.util.function.Function;

/** Finds the metrics by which a configuration chooses and which its evaluations do not have. */
final class UnknownMetrics {

    private final Set<String> problems = new LinkedHashSet<>();

    private UnknownMetrics() {}

    /**
     * What is wrong with {@code training.best.metric} and {@code halving.metric}.
     *
     * @param worldOf what the model of a run knows of a controlled world
     * @return one line of text per problem
     */
    static Set<String> of(
            List<PlannedRun> runs, Optional<Halving> halving, Function<PlannedRun, EvaluationNames.World> worldOf) {
        UnknownMetrics unknown = new UnknownMetrics();
        Map<Object, Set<String>> known = new HashMap<>();
        for (PlannedRun run : runs) {
            ExperimentConfig config = run.config();
            Optional<String> best = config.training().best().map(BestEvaluation::metric);
            if (best.isEmpty() && halving.isEmpty()) {
                continue;
            }
            EvaluationNames.World world = worldOf.apply(run);
            Set<String> names = known.computeIfAbsent(
                    List.of(
                            config.objective(),
                            config.method(),
                            config.metrics(),
                            run.identity().data(),
                            world),
                    key -> EvaluationNames.of(
                            config.trainingSettings(), run.data().tokens().evaluation(), world));
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
