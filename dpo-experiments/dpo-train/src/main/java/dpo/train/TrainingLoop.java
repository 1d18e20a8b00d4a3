package dpo.train;

import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
import dpo.core.backend.Restorable;
import dpo.train.BestEvaluation.Best;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains a policy: the steps of its method, with evaluations between them, and reports to a listener. */
public final class TrainingLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    private final TrainingSettings settings;
    private final Policy policy;
    private final Optional<MovingReference> moving;
    private final TrainingSteps steps;
    private final Evaluation evaluation;
    private final Progress progress;
    private final BooleanSupplier stopRequested;

    /**
     * Prepares a training in this process alone, as {@link #TrainingLoop(TrainingSettings, TrainingData, Models, Ranks,
     * References, Progress, BooleanSupplier)}.
     */
    public TrainingLoop(
            TrainingSettings settings,
            TrainingData data,
            Models models,
            References references,
            Progress progress,
            BooleanSupplier stopRequested) {
        this(settings, data, models, Ranks.ALONE, references, progress, stopRequested);
    }

    /**
     * Prepares a training. The log-probabilities of a fixed reference are computed here, before the first update.
     *
     * @param ranks the processes that share the steps of a training on preferences; each prepares the same training
     * @param references gives the log-probabilities of a fixed reference
     * @param stopRequested checked after every step and within evaluations
     * @throws InvalidInputException if a model does not suit the method
     */
    public TrainingLoop(
            TrainingSettings settings,
            TrainingData data,
            Models models,
            Ranks ranks,
            References references,
            Progress progress,
            BooleanSupplier stopRequested) {
        this.settings = settings;
        this.policy = models.policy();
        Optional<Policy> second = models.secondModel();
        this.moving = settings.reference().map(updates -> new MovingReference(second.orElseThrow(), policy, updates));
        boolean hasOwnReference = moving.isEmpty()
                && second.stream().anyMatch(model -> !model.fingerprint().equals(policy.fingerprint()));
        References used = moving.<References>map(reference -> some -> reference).orElse(references);
        Supplier<TrainingSteps> onPreferences =
                () -> new OptimizerSteps(settings, data, models, ranks, moving, hasOwnReference, used);
        this.steps = settings.method()
                .map(method -> method.steps(settings, data, models, onPreferences))
                .orElseGet(onPreferences);
        List<Evaluation.HeldOut> sets = data.evaluation().stream()
                .map(set -> new Evaluation.HeldOut(set, new Scorer(settings, policy, second, set.preferences(), used)))
                .toList();
        References ofWorld = moving.<References>map(reference -> some -> reference)
                .orElseGet(() -> References.of(second.orElse(policy), settings.microBatches()));
        Optional<WorldPairs> world = WorldPairs.of(policy, settings.loss(), ofWorld);
        this.evaluation = new Evaluation(settings, sets, world, stopRequested);
        this.progress = progress;
        this.stopRequested = stopRequested;
    }

    /** The models and optimizers that training changes, by name; see {@link TrainingSteps#state}. */
    public Map<String, Restorable> state() {
        return steps.state();
    }

    /**
     * Runs the remaining steps and evaluations.
     *
     * @param begin first position; the {@link #state} is that of this position
     * @param carriedBefore numbers carried from the previous step
     * @param earlier the metrics of the evaluations before that position, by step
     * @throws StopRequested if a stop was requested, after {@link TrainingListener#onStop}
     * @throws Ranks.Lost if another rank has ended, after {@link TrainingListener#onStop}
     * @throws TrainingFailure if a loss or gradient is not finite
     */
    public void run(
            TrainingPosition begin,
            Map<String, Double> carriedBefore,
            SortedMap<Integer, Map<String, Double>> earlier,
            TrainingListener listener) {
        Optional<Best> best = Optional.empty();
        for (Map.Entry<Integer, Map<String, Double>> evaluation : earlier.entrySet()) {
            best = best(best, evaluation.getKey(), evaluation.getValue());
        }
        if (begin.step() == 0) {
            steps.begin();
        }
        listener.onBegin(begin);
        TrainingPosition end = new TrainingPosition(steps.count(), true);
        // No record of step 0 outlives a stop, so a run that resumes there is evaluated again.
        TrainingPosition position =
                begin.step() == 0 && settings.evaluateAtStart() ? new TrainingPosition(0, false) : begin;
        Map<String, Double> carried = carriedBefore;
        progress.begin("training", steps.count());
        try {
            while (!position.equals(end) && !isOver(best, position)) {
                if (position.evaluated()) {
                    StepReport report = steps.take(position.step() + 1, carried);
                    carried = report.carried();
                    LOG.debug("step {} of {}: loss {}", report.step(), steps.count(), report.loss());
                    progress.at(report.step(), String.format(Locale.ROOT, "loss %.4f", report.loss()));
                    position = new TrainingPosition(report.step(), !evaluationDue(report.step()));
                    listener.onStep(report, position);
                } else {
                    TrainingPosition evaluated = new TrainingPosition(position.step(), true);
                    EvaluationReport report = evaluation.of(policy, position.step(), carried, progress);
                    LOG.debug("evaluation at step {}: {}", report.step(), report.metrics());
                    best = best(best, report.step(), report.metrics());
                    if (best.filter(each -> each.step() == report.step()).isPresent()) {
                        listener.onBest(report);
                    }
                    listener.onEvaluation(report, evaluated);
                    position = evaluated;
                    progress.begin("training", steps.count());
                }
                if (!position.equals(end)) {
                    StopRequested.throwIf(stopRequested);
                }
            }
        } catch (StopRequested | Ranks.Lost stop) {
            // Ranks exchange numbers before a step changes anything, so models and position belong together here too.
            listener.onStop(position);
            throw stop;
        } finally {
            progress.end();
        }
    }

    /**
     * Takes the steps after one, as a rank other than 0 does: without evaluations, reports and stops, which are those of
     * rank 0.
     *
     * @param after number of the step; the {@link #state} is that after it
     * @param carriedBefore numbers carried from it
     */
    public void follow(int after, Map<String, Double> carriedBefore) {
        Map<String, Double> carried = carriedBefore;
        for (int step = after + 1; step <= steps.count(); step++) {
            carried = steps.take(step, carried).carried();
        }
    }

    private Optional<Best> best(Optional<Best> before, int step, Map<String, Double> metrics) {
        return settings.best().map(choice -> choice.after(before, step, metrics));
    }

    private boolean isOver(Optional<Best> best, TrainingPosition position) {
        return position.evaluated()
                && settings.best().filter(choice -> choice.isOver(best)).isPresent();
    }

    /** The model of a moving reference; empty if the reference is fixed. */
    public Optional<Policy> movingReference() {
        return moving.map(MovingReference::model);
    }

    /** Closes the optimizers. */
    @Override
    public void close() {
        steps.close();
    }

    private boolean evaluationDue(int step) {
        return step == steps.count()
                || settings.evaluateEvery().filter(every -> step % every == 0).isPresent();
    }
}
