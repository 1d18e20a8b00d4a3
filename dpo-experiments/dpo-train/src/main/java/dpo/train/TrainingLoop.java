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
 * Trains a policy on preferences. Each optimizer step computes log-probabilities, loss and gradient of each
 * micro-batch, back-propagates, and updates the parameters once; evaluations take place between steps.
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

    /** State of the objective, passed from step to step. */
    private Map<String, Double> carried = Map.of();

    /**
     * Prepares a training. The log-probabilities of a fixed reference are computed here, before the first update.
     *
     * @param policy the model with its initial parameters, which is also the reference if that is fixed
     * @param secondModel the same model opened again, if the {@linkplain TrainingSettings#needsSecondModel settings}
     *     need it
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
        this.data = data;
        this.policy = policy;
        this.secondModel = secondModel;
        this.moving =
                settings.reference().map(updates -> new MovingReference(secondModel.orElseThrow(), policy, updates));
        this.references = references;
        this.progress = progress;
        this.stopRequested = stopRequested;
        this.groupShares = Normalizer.sharesOf(data.train());
        this.plan = settings.plan(data.train());
        this.sft = SftTerm.of(settings, data.sft(), plan.steps());
        this.scorer = scorer(data.train(), references);
        Optional<Scorer> heldOut =
                data.evaluation().isEmpty() ? Optional.empty() : Optional.of(scorer(data.evaluation(), references));
        this.evaluation = new Evaluation(settings, data.evaluation(), heldOut, stopRequested);
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

    /** The model of a moving reference; empty if the reference is fixed. */
    public Optional<Policy> movingReference() {
        return moving.map(MovingReference::model);
    }

    /** Detects a reference that differs from the policy, with the first batch of its log-probs. */
    private void requireReference() {
        List<Integer> first = settings.microBatches()
                .cut(Preference.distinctTokens(data.train()))
                .get(0);
        StepChecks.requireEqual(scorer.batch(first), scorer.score(first));
    }

    private StepReport step(int step, Optimizer optimizer) {
        long begin = System.nanoTime();
        BatchPlan.Step batches = plan.step(step);
        List<Preference> preferences = batches.microBatches().stream()
                .flatMap(List::stream)
                .map(data.train()::get)
                .toList();
        Normalizer normalizer = Normalizer.of(preferences, groupShares).carrying(carried);
        MetricSet metrics = new MetricSet(settings.loss(), settings.metrics());
        Scorer scores = isBeforeFirstUpdate(step) ? unmoved() : scorer;
        StepLoss loss = StepGradient.of(settings.loss(), batches.microBatches().size())
                .accumulate(step, batches.microBatches(), scores, normalizer, metrics);
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

    /** Whether the policy is unchanged, because all earlier steps had a learning rate of 0. */
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
     * Scores of the policy with itself as reference. Stored log-probs of the reference come from other micro-batches
     * than those of a step and differ from the policy's by rounding; in the same micro-batch log-ratios are exactly 0.
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
