package dpo.train;

import dpo.core.backend.Policy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Computes the metrics of a policy on evaluation sets ({@code eval/…}) and its exact reward, KL divergence and regret in a
 * controlled world ({@code world/…}).
 */
final class Evaluation {

    private final TrainingSettings settings;
    private final List<HeldOut> sets;
    private final Optional<WorldPairs> world;
    private final BooleanSupplier stopRequested;

    /** An evaluation set with its scorer, which holds the log-probabilities of a fixed reference. */
    record HeldOut(EvaluationSet set, Scorer scorer) {}

    /**
     * @param settings objective and micro-batches
     * @param sets the evaluation sets in order; may be empty
     * @param world pairs of a controlled world
     * @param stopRequested checked before each micro-batch
     */
    Evaluation(
            TrainingSettings settings, List<HeldOut> sets, Optional<WorldPairs> world, BooleanSupplier stopRequested) {
        this.settings = settings;
        this.sets = sets;
        this.world = world;
        this.stopRequested = stopRequested;
    }

    /**
     * Evaluates a policy with its current parameters.
     *
     * @param carried state of the objective after the last optimizer step
     * @throws StopRequested if a stop was requested
     */
    EvaluationReport of(Policy policy, int step, Map<String, Double> carried, Progress progress) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        List<ScoredSet> scored = new ArrayList<>();
        for (HeldOut each : sets) {
            EvaluationSet set = each.set();
            ScoredSet scores =
                    ScoredSet.of(set, settings, each.scorer(), "evaluation at step " + step, progress, stopRequested);
            Map<String, Double> ofSet = scores.metrics(settings.loss(), settings.metrics(), carried);
            StepChecks.requireBounds(
                    step, settings.loss(), ofSet.getOrDefault(ScoredSet.LOSS, Double.NaN), ofSet, set.preferences());
            ofSet.forEach((name, value) -> metrics.put(set.prefix() + name, value));
            scored.add(scores);
        }
        policy.exactEvaluation()
                .map(exact -> Frontier.metrics(exact, settings.beta()))
                .ifPresent(metrics::putAll);
        world.map(pairs -> pairs.metrics(policy, settings.loss())).ifPresent(metrics::putAll);
        return new EvaluationReport(step, metrics, scored);
    }
}
