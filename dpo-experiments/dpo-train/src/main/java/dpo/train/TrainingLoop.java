package dpo.train;

import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains a policy on preferences: optimizer steps, with evaluations between them, and reports to a listener. */
public final class TrainingLoop {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    private final TrainingSettings settings;
    private final Policy policy;
    private final Optional<MovingReference> moving;
    private final boolean hasOwnReference;
    private final OptimizerSteps steps;
    private final Evaluation evaluation;
    private final Progress progress;
    private final BooleanSupplier stopRequested;

    /**
     * Prepares a training. The log-probabilities of a fixed reference are computed here, before the first update.
     *
     * @param policy the model with its initial parameters, which is also the reference if no other is given
     * @param secondModel the reference as a model: the same model opened again, if the {@linkplain
     *     TrainingSettings#needsSecondModel settings} need it, or a reference of its own, with another {@linkplain
     *     Policy#fingerprint fingerprint}
     * @param references gives the log-probabilities of a fixed reference
     * @param stopRequested checked after every step and within evaluations
     */
    public TrainingLoop(
            TrainingSettings settings,
            TrainingData data,
            Policy policy,
            Optional<Policy> secondModel,
            References references,
            Progress progress,
            BooleanSupplier stopRequested) {
        this.settings = settings;
        this.policy = policy;
        this.moving =
                settings.reference().map(updates -> new MovingReference(secondModel.orElseThrow(), policy, updates));
        this.hasOwnReference = moving.isEmpty()
                && secondModel.stream().anyMatch(model -> !model.fingerprint().equals(policy.fingerprint()));
        References used = moving.<References>map(reference -> some -> reference).orElse(references);
        this.steps = new OptimizerSteps(
                settings, data, policy, secondModel, moving, moving.isPresent() || hasOwnReference, used);
        List<Evaluation.HeldOut> sets = data.evaluation().stream()
                .map(set ->
                        new Evaluation.HeldOut(set, new Scorer(settings, policy, secondModel, set.preferences(), used)))
                .toList();
        this.evaluation = new Evaluation(settings, sets, stopRequested);
        this.progress = progress;
        this.stopRequested = stopRequested;
    }

    /**
     * Runs the remaining steps and evaluations.
     *
     * @param optimizer optimizer of the policy, with its state at the position
     * @param begin first position; the policy, and a moving reference, have the parameters of this position
     * @param carriedBefore state of the objective after the previous step
     * @throws StopRequested if a stop was requested, after {@link TrainingListener#onStop}
     * @throws TrainingFailure if a loss or gradient is not finite
     */
    public void run(
            Optimizer optimizer, TrainingPosition begin, Map<String, Double> carriedBefore, TrainingListener listener) {
        if (begin.step() == 0 && settings.loss().usesReference() && !hasOwnReference) {
            steps.requireReference();
        }
        listener.onBegin(begin);
        TrainingPosition end = new TrainingPosition(steps.count(), true);
        // No record of step 0 outlives a stop, so a run that resumes there is evaluated again.
        TrainingPosition position =
                begin.step() == 0 && settings.evaluateAtStart() ? new TrainingPosition(0, false) : begin;
        Map<String, Double> carried = carriedBefore;
        progress.begin("training", steps.count());
        try {
            while (!position.equals(end)) {
                if (position.evaluated()) {
                    StepReport report = steps.take(position.step() + 1, carried, optimizer);
                    carried = report.carried();
                    LOG.debug("step {} of {}: loss {}", report.step(), steps.count(), report.loss());
                    progress.at(report.step(), String.format(Locale.ROOT, "loss %.4f", report.loss()));
                    position = new TrainingPosition(report.step(), !evaluationDue(report.step()));
                    listener.onStep(report, position);
                } else {
                    TrainingPosition evaluated = new TrainingPosition(position.step(), true);
                    EvaluationReport report = evaluation.of(policy, position.step(), carried, progress);
                    LOG.debug("evaluation at step {}: {}", report.step(), report.metrics());
                    listener.onEvaluation(report, evaluated);
                    position = evaluated;
                    progress.begin("training", steps.count());
                }
                if (!position.equals(end)) {
                    StopRequested.throwIf(stopRequested);
                }
            }
        } catch (StopRequested stop) {
            listener.onStop(position);
            throw stop;
        } finally {
            progress.end();
        }
    }

    /** The model of a moving reference; empty if the reference is fixed. */
    public Optional<Policy> movingReference() {
        return moving.map(MovingReference::model);
    }

    private boolean evaluationDue(int step) {
        return step == steps.count()
                || settings.evaluateEvery().filter(every -> step % every == 0).isPresent();
    }
}
