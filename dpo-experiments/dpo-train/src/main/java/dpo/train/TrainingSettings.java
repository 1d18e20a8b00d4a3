package dpo.train;

import dpo.core.backend.AdamW;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.metric.PreferenceMetric;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.setting.Requirement;
import dpo.data.batch.BatchPlan;
import dpo.data.batch.MicroBatches;
import dpo.data.batch.Order;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * The settings of a training, without its data and model.
 *
 * @param loss the objective on preferences
 * @param sft the SFT term on its own sequences; empty for none
 * @param optimizer settings of AdamW
 * @param schedule learning rate of each step as a fraction of the optimizer's
 * @param epochs passes through the preferences, at least 1
 * @param maxSteps number of optimizer steps, over as many passes as they need, instead of {@code epochs}
 * @param batchSize preferences per optimizer step, at least 1
 * @param microBatches split of a step into forward and backward passes
 * @param order whether each epoch is shuffled
 * @param evaluateEvery optimizer steps between evaluations; empty for one evaluation after the last step
 * @param evaluateAtStart whether there is also an evaluation before the first step
 * @param best the choice of the best evaluation and early stopping; empty for none
 * @param metrics custom metrics
 * @param reference updates of the reference from the policy; empty for a fixed reference
 * @param method how the policy is updated; empty for the objective on the preferences
 * @param seed seed of every random stream
 */
public record TrainingSettings(
        PreferenceLoss loss,
        Optional<Sft> sft,
        AdamW optimizer,
        LearningRateSchedule schedule,
        int epochs,
        Optional<Integer> maxSteps,
        int batchSize,
        MicroBatches microBatches,
        Order order,
        Optional<Integer> evaluateEvery,
        boolean evaluateAtStart,
        Optional<BestEvaluation> best,
        List<PreferenceMetric> metrics,
        Optional<ReferenceUpdates> reference,
        Optional<TrainingMethod> method,
        long seed) {

    /**
     * The SFT term {@code weight · L_SFT} on its own sequences.
     *
     * @param loss L_SFT
     * @param weight at least 0
     */
    public record Sft(SftLoss loss, double weight) {}

    public TrainingSettings {
        metrics = List.copyOf(metrics);
        Requirement.atLeast("epochs", epochs, 1);
        maxSteps.ifPresent(steps -> Requirement.atLeast("max_steps", steps, 1));
        Requirement.atLeast("batch_size", batchSize, 1);
        evaluateEvery.ifPresent(steps -> Requirement.atLeast("evaluate_every", steps, 1));
    }

    /** One shuffled epoch, batch size 8, constant learning rate, default settings of AdamW, seed 1. */
    public static TrainingSettings of(PreferenceLoss loss, double learningRate) {
        return new TrainingSettings(
                loss,
                Optional.empty(),
                new AdamW(learningRate, List.of(0.9, 0.999), 1e-8, 0, 1),
                new LearningRateSchedule(LearningRateSchedule.Type.CONSTANT, 0),
                1,
                Optional.empty(),
                8,
                new MicroBatches.OfExamples(8),
                Order.SHUFFLED,
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                1);
    }

    /** These settings with another batch size and micro-batch size, in preferences. */
    public TrainingSettings withBatches(int size, int microBatchSize) {
        return with(
                loss, epochs, size, new MicroBatches.OfExamples(microBatchSize), evaluateEvery, metrics, method, seed);
    }

    /** These settings with another number of epochs. */
    public TrainingSettings withEpochs(int number) {
        return with(loss, number, batchSize, microBatches, evaluateEvery, metrics, method, seed);
    }

    /** These settings with another number of steps between evaluations. */
    public TrainingSettings withEvaluationEvery(int steps) {
        return with(loss, epochs, batchSize, microBatches, Optional.of(steps), metrics, method, seed);
    }

    /** These settings with other custom metrics. */
    public TrainingSettings withMetrics(List<PreferenceMetric> further) {
        return with(loss, epochs, batchSize, microBatches, evaluateEvery, further, method, seed);
    }

    /** These settings with another seed. */
    public TrainingSettings withSeed(long other) {
        return with(loss, epochs, batchSize, microBatches, evaluateEvery, metrics, method, other);
    }

    /** These settings with another objective. */
    public TrainingSettings with(PreferenceLoss other) {
        return with(other, epochs, batchSize, microBatches, evaluateEvery, metrics, method, seed);
    }

    /** These settings with another method. */
    public TrainingSettings with(TrainingMethod other) {
        return with(loss, epochs, batchSize, microBatches, evaluateEvery, metrics, Optional.of(other), seed);
    }

    /** The components that one of the methods above changes. */
    private TrainingSettings with(
            PreferenceLoss newLoss,
            int newEpochs,
            int newBatchSize,
            MicroBatches newMicroBatches,
            Optional<Integer> newEvaluateEvery,
            List<PreferenceMetric> newMetrics,
            Optional<TrainingMethod> newMethod,
            long newSeed) {
        return new TrainingSettings(
                newLoss,
                sft,
                optimizer,
                schedule,
                newEpochs,
                maxSteps,
                newBatchSize,
                newMicroBatches,
                order,
                newEvaluateEvery,
                evaluateAtStart,
                best,
                newMetrics,
                reference,
                newMethod,
                newSeed);
    }

    /** The optimizer steps of a training on some preferences. */
    public BatchPlan plan(List<Preference> preferences) {
        int[] tokens = Preference.distinctTokens(preferences);
        int steps = stepsOver(preferences.size());
        int perEpoch = stepsPerEpoch(preferences.size());
        int passes = maxSteps.isEmpty() ? epochs : steps / perEpoch + (steps % perEpoch == 0 ? 0 : 1);
        return BatchPlan.of(tokens, batchSize, microBatches, passes, order, new RandomStreams(seed))
                .first(steps);
    }

    /** Number of optimizer steps of the {@link #plan} of some preferences. */
    public int stepsOver(int preferences) {
        return maxSteps.orElseGet(() -> Math.multiplyExact(epochs, stepsPerEpoch(preferences)));
    }

    /** Number of optimizer steps of a pass through some preferences. */
    public int stepsPerEpoch(int preferences) {
        return preferences / batchSize + (preferences % batchSize == 0 ? 0 : 1);
    }

    /**
     * β &gt; 0 of {@code J_β(π) = E[r] − β KL(π‖π_ref)}, by which the regret of a policy in a controlled world is
     * measured: that of the method, or of an objective with a reference and rewards that are sums over tokens.
     *
     * @return empty if there is none
     */
    public OptionalDouble beta() {
        OptionalDouble beta = method.map(each -> each.beta(this)).orElseGet(this::betaOfObjective);
        return beta.orElse(0) > 0 ? beta : OptionalDouble.empty();
    }

    OptionalDouble betaOfObjective() {
        boolean isPerToken = loss instanceof MarginLoss ofMargin && ofMargin.reduction() != Reduction.SUM;
        return loss.hasBeta() && loss.usesReference() && !isPerToken
                ? OptionalDouble.of(loss.beta())
                : OptionalDouble.empty();
    }

    /** The learning rate of a step, from 1, of a number of steps. */
    public double learningRate(int step, int steps) {
        return optimizer.learningRate() * schedule.factor(step - 1, steps);
    }

    /** Number of steps of a training on some preferences, at least 1. */
    public int stepCount(int preferences) {
        return method.map(each -> each.stepCount(this, preferences)).orElseGet(() -> stepsOver(preferences));
    }

    /**
     * The tokens of all steps of a training, as {@link StepReport#tokens} counts them, where sampled completions have the
     * largest length.
     *
     * @param preferences training preferences, at least one
     * @param maxLength largest length of a sequence of the model
     */
    public long mostTokens(List<Preference> preferences, int maxLength) {
        return method.map(each -> each.mostTokens(this, preferences, maxLength))
                .orElseGet(() -> tokensOver(preferences, Preference::tokens));
    }

    /** The sum over the {@link #plan} of some preferences of a number of each preference. */
    long tokensOver(List<Preference> preferences, ToLongFunction<Preference> tokens) {
        long[] each = preferences.stream().mapToLong(tokens).toArray();
        BatchPlan plan = plan(preferences);
        return IntStream.rangeClosed(1, plan.steps())
                .mapToObj(step -> plan.step(step).indices())
                .flatMap(List::stream)
                .mapToLong(index -> each[index])
                .sum();
    }

    /**
     * Whether a training needs the model twice, because its reference follows the policy, or because the objective or
     * the method needs more of the reference than log-probabilities of the preferences.
     */
    public boolean needsSecondModel() {
        return reference.isPresent()
                || loss.needs().contains(Need.REFERENCE_KL)
                || method.filter(TrainingMethod::needsReferenceModel).isPresent();
    }
}
