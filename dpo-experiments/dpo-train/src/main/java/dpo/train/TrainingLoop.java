package dpo.train;

import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.loss.Normalizer;
import dpo.core.metric.MetricSet;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.BatchPlan;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Trains a policy on preferences: for every optimizer step, log-probabilities, loss and gradient of each micro-batch,
 * back-propagation, one update of the parameters; evaluations between the steps.
 */
public final class TrainingLoop {

    private final TrainingSettings settings;
    private final TrainingData data;
    private final Policy policy;
    private final Optional<Policy> secondModel;
    private final Optional<MovingReference> moving;
    private final References references;
    private final Progress progress;
    private final BooleanSupplier stopRequested;

    private final Map<String, Double> groupShares;
    private final BatchPlan plan;
    private final SftTerm sft;
    private final Scorer scorer;
    private final Evaluation evaluation;

    /** What the objective carries from step to step. */
    private Map<String, Double> carried = Map.of();

    /**
     * Log-probabilities of the reference are computed here, while the policy is as it was opened.
     *
     * @param policy the model as it was opened, which is also the reference where that is fixed
     * @param secondModel the same model opened once more, where the {@linkplain TrainingSettings#needsSecondModel
     *     settings} need it
     * @param references gives the log-probabilities of the reference where that is fixed
     * @param stopRequested asked after every step, and within evaluations
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
        this.data = data;
        this.policy = policy;
        this.secondModel = secondModel;
        this.moving = settings.reference()
                .map(updates -> new MovingReference(secondModel.orElseThrow(), policy, updates));
        this.references = references;
        this.progress = progress;
        this.stopRequested = stopRequested;
        this.groupShares = Normalizer.sharesOf(data.train());
        this.plan = settings.plan(data.train());
        this.sft = SftTerm.of(settings, data.sft(), plan.steps());
        this.scorer = scorer(data.train(), references);
        Optional<Scorer> heldOut = data.evaluation().isEmpty()
                ? Optional.empty()
                : Optional.of(scorer(data.evaluation(), references));
        this.evaluation = new Evaluation(settings, data.evaluation(), heldOut, stopRequested);
    }

    /**
     * Takes the steps and evaluations that are left.
     *
     * @param optimizer the policy's, with the state of the position
     * @param begin where to begin; the policy, and a reference that moves, have the parameters of that position
     * @param carriedBefore what the objective carried from the step before
     * @throws StopRequested where a stop was requested, after {@link TrainingListener#onStop}
     * @throws TrainingFailure where a loss or gradient is not finite
     */
    public void run(
            Optimizer optimizer,
            TrainingPosition begin,
            Map<String, Double> carriedBefore,
            TrainingListener listener) {
        if (begin.step() == 0 && settings.loss().usesReference()) {
            requireReference();
        }
        listener.onBegin(begin);
        carried = carriedBefore;
        TrainingPosition end = new TrainingPosition(plan.steps(), true);
        TrainingPosition position = begin;
        progress.begin("training", plan.steps());
        try {
            while (!position.equals(end)) {
                if (position.evaluated()) {
                    StepReport report = step(position.step() + 1, optimizer);
                    progress.at(report.step(), String.format(Locale.ROOT, "loss %.4f", report.loss()));
                    position = new TrainingPosition(report.step(), !evaluationDue(report.step()));
                    listener.onStep(report, position);
                } else {
                    TrainingPosition evaluated = new TrainingPosition(position.step(), true);
                    listener.onEvaluation(evaluation.of(policy, position.step(), carried, progress), evaluated);
                    position = evaluated;
                    progress.begin("training", plan.steps());
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

    /** The model of a reference that moves, as it stands; empty where the reference is fixed. */
    public Optional<Policy> movingReference() {
        return moving.map(MovingReference::model);
    }

    /** Notices a reference that is not the policy, by the first of the batches in which its log-probs were computed. */
    private void requireReference() {
        List<Integer> first = settings.microBatches().cut(Preference.distinctTokens(data.train())).get(0);
        StepChecks.requireEqual(scorer.batch(first), scorer.score(first));
    }

    private StepReport step(int step, Optimizer optimizer) {
        long begin = System.nanoTime();
        BatchPlan.Step batches = plan.step(step);
        List<Preference> preferences =
                batches.microBatches().stream().flatMap(List::stream).map(data.train()::get).toList();
        Normalizer normalizer = Normalizer.of(preferences, groupShares).carrying(carried);
        MetricSet metrics = new MetricSet(settings.loss(), settings.metrics());
        StepLoss loss = StepGradient.of(settings.loss(), batches.microBatches().size())
                .accumulate(step, batches.microBatches(), isBeforeFirstUpdate(step) ? unmoved() : scorer, normalizer, metrics);
        carried = loss.carried();
        sft.accumulate(step, policy).ifPresent(value -> loss.addSft(value, sft.weight()));
        double learningRate = learningRate(step);
        double gradientNorm = optimizer.step(learningRate);
        StepChecks.requireFinite(step, preferences, "grad_norm", gradientNorm);
        moving.ifPresent(reference -> reference.afterStep(step, policy));
        return new StepReport(
                step,
                batches.epoch(),
                loss.value(),
                loss.terms(),
                carried,
                gradientNorm,
                learningRate,
                metrics.values(),
                tokens(preferences),
                (System.nanoTime() - begin) / 1e9);
    }

    private double learningRate(int step) {
        return settings.optimizer().learningRate() * settings.schedule().factor(step - 1, plan.steps());
    }

    /** Whether no earlier step has changed the policy: their learning rates were 0. */
    private boolean isBeforeFirstUpdate(int step) {
        return IntStream.range(1, step).allMatch(earlier -> learningRate(earlier) == 0);
    }

    private static long tokens(List<Preference> preferences) {
        return preferences.stream()
                .flatMap(preference -> preference.completions().stream())
                .mapToLong(TokenSequence::length)
                .sum();
    }

    private boolean evaluationDue(int step) {
        return step == plan.steps()
                || settings.evaluateEvery().filter(every -> step % every == 0).isPresent();
    }

    /**
     * Scores of the policy against itself. Stored log-probs of the reference come from other micro-batches than those
     * of a step and differ from the policy's by rounding; scored again in the same one they give log-ratios of 0 exactly.
     */
    private Scorer unmoved() {
        return scorer(data.train(), some -> (batch, indices) -> policy.logProbs(batch.sequences()));
    }

    private Scorer scorer(List<Preference> preferences, References fixed) {
        return new Scorer(settings.loss(), policy, secondModel, preferences, settings.microBatches(), some -> {
            if (!settings.loss().usesReference()) {
                return ReferenceLogProbs.NONE;
            }
            return moving.isPresent() ? moving.get() : fixed.of(some);
        });
    }
}
