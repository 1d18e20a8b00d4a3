package dpo.experiments.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.BatchPlan;
import dpo.experiments.config.ExperimentConfig;
import dpo.experiments.store.RunFolder;
import dpo.experiments.train.Checkpoints.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Trains a policy on preferences: for every optimizer step, log-probabilities, loss and gradient of each micro-batch,
 * back-propagation, one move of the parameters.
 *
 * <p>Resumes from the run folder's checkpoint where there is one; the numbers are those of an undisturbed run.
 */
public final class TrainingLoop {

    private final ExperimentConfig config;
    private final TrainingData data;
    private final Policy policy;
    private final Optional<Policy> referenceModel;
    private final Optional<MovingReference> moving;
    private final RunFolder folder;
    private final ReferenceCache references;
    private final String engine;
    private final Progress progress;
    private final BooleanSupplier stopRequested;

    private final PreferenceLoss loss;
    private final Map<String, Double> groupShares;
    private final BatchPlan plan;
    private final SftTerm sft;

    /** What the objective takes along from step to step. */
    private Map<String, Double> carried = Map.of();

    /**
     * @param config the run
     * @param data its tokens
     * @param policy the model as it was opened, which is also the reference where that is fixed
     * @param secondModel the same model opened once more, where {@link #needsSecondModel}
     * @param folder where everything is written
     * @param references cache of reference log-probabilities
     * @param engine address of what computes the log-probabilities of a batch, down to their last bits
     * @param progress where to tell how far training is
     * @param stopRequested asked after every step, and within evaluations; training then stops with a checkpoint
     */
    public TrainingLoop(
            ExperimentConfig config,
            TrainingData data,
            Policy policy,
            Optional<Policy> secondModel,
            RunFolder folder,
            ReferenceCache references,
            String engine,
            Progress progress,
            BooleanSupplier stopRequested) {
        this.config = config;
        this.data = data;
        this.policy = policy;
        this.referenceModel = secondModel;
        this.moving = config.reference()
                .map(settings -> new MovingReference(referenceModel.orElseThrow(), policy, settings));
        this.folder = folder;
        this.references = references;
        this.engine = engine;
        this.progress = progress;
        this.stopRequested = stopRequested;
        RandomStreams streams = new RandomStreams(config.seed());
        this.loss = config.objective().loss();
        this.groupShares = TrainingData.groupShares(data.train());
        this.plan = plan(config, data.train());
        this.sft = SftTerm.of(config, data.sft(), plan.steps(), streams);
    }

    /** The optimizer steps of a run on some preferences. */
    public static BatchPlan plan(ExperimentConfig config, List<Preference> preferences) {
        return BatchPlan.of(
                TrainingData.tokens(preferences),
                config.training().batchSize(),
                config.training().microBatches(),
                config.training().epochs(),
                config.training().order(),
                new RandomStreams(config.seed()));
    }

    /**
     * Whether a run needs the model twice: its reference follows the policy, or the objective needs more of the
     * reference than log-probabilities that can be stored.
     */
    public static boolean needsSecondModel(ExperimentConfig config) {
        return config.reference().isPresent() || config.objective().loss().needs().contains(Need.REFERENCE_KL);
    }

    /** Whether a run of an identity has a whole checkpoint in a folder. */
    public static boolean canResume(RunFolder folder, Map<String, String> identity) {
        return Checkpoints.canResume(folder, identity);
    }

    /**
     * Trains to the end, or to the step at which a stop was requested.
     *
     * @return the final metrics; empty where stopped before the end
     * @throws TrainingFailure where a loss or gradient is not finite
     */
    public Optional<Map<String, Double>> run() {
        try {
            return train();
        } catch (StopRequested stop) {
            return Optional.empty();
        }
    }

    private Optional<Map<String, Double>> train() {
        Scorer scorer = scorer(data.train(), this::storedReference);
        Evaluation evaluation = new Evaluation(
                loss,
                data.evaluation(),
                data.evaluation().isEmpty()
                        ? Optional.empty()
                        : Optional.of(scorer(data.evaluation(), this::storedReference)),
                config.training().microBatches(),
                stopRequested);
        try (Optimizer optimizer = policy.optimizer(config.optimizer())) {
            Checkpoints checkpoints = new Checkpoints(
                    folder,
                    policy,
                    optimizer,
                    moving.map(MovingReference::model),
                    config.training().checkpointEvery());
            CheckpointState state = checkpoints.restore(progress::say);
            Position begin = state.position();
            try (RunLog log = RunLog.after(state, folder, config.training().samples().isPresent());
                    Samples samples = new Samples(config, data.evaluation(), policy, progress, stopRequested)) {
                if (begin.step() == 0 && loss.usesReference()) {
                    requireReference(scorer);
                }
                writeFrontier();
                samples.begin(begin.step(), folder, log);
                log.commit();
                carried = log.carried();
                progress.begin("training", plan.steps());
                toTheEnd(begin, optimizer, scorer, evaluation, samples, checkpoints, log);
                log.requireWhole();
            } finally {
                progress.end();
            }
            // Again, in case it was removed during training.
            writeFrontier();
            if (config.training().saveModel()) {
                checkpoints.writeFinalModel();
            }
            return Optional.of(result());
        }
    }

    private void writeFrontier() {
        policy.exactEvaluation().ifPresent(world -> folder.writeFrontier(Frontier.points(world)));
    }

    /** Takes the steps and evaluations that are left; where a stop is requested, leaves a checkpoint of what is done. */
    private void toTheEnd(
            Position begin,
            Optimizer optimizer,
            Scorer scorer,
            Evaluation evaluation,
            Samples samples,
            Checkpoints checkpoints,
            RunLog log) {
        Position end = new Position(plan.steps(), true);
        Position position = begin;
        try {
            while (!position.equals(end)) {
                if (position.evaluated()) {
                    int step = position.step() + 1;
                    Map<String, Object> line = step(step, optimizer, isBeforeFirstMove(step) ? unmoved() : scorer);
                    log.step(step, line);
                    progress.at(step, note(line));
                    position = new Position(step, !evaluationDue(step));
                    log.commit();
                    checkpoints.afterStep(position, log);
                } else {
                    log.evaluation(position.step(), evaluation.of(policy, position.step(), carried, progress));
                    samples.after(position.step(), moving.map(MovingReference::model), log);
                    position = new Position(position.step(), true);
                    log.commit();
                    progress.begin("training", plan.steps());
                }
                if (!position.equals(end)) {
                    StopRequested.throwIf(stopRequested);
                }
            }
        } catch (StopRequested stop) {
            checkpoints.write(position, log);
            throw stop;
        }
    }

    /** Notices a reference that is not the policy, by the first of the batches in which its log-probs were computed. */
    private void requireReference(Scorer scorer) {
        List<Integer> first = config.training().microBatches().cut(TrainingData.tokens(data.train())).get(0);
        StepChecks.requireEqual(scorer.batch(first), scorer.score(first));
    }

    /** One optimizer step; gives its line of metrics. */
    private Map<String, Object> step(int step, Optimizer optimizer, Scorer scorer) {
        long begin = System.nanoTime();
        BatchPlan.Step batches = plan.step(step);
        List<Preference> preferences =
                batches.microBatches().stream().flatMap(List::stream).map(data.train()::get).toList();
        Normalizer normalizer = Normalizer.of(preferences, groupShares).carrying(carried);
        PreferenceMetrics metrics = new PreferenceMetrics(loss);
        StepLoss total = loss.needs().contains(Need.WHOLE_STEP) && batches.microBatches().size() > 1
                ? atOnce(step, batches.microBatches(), scorer, normalizer, metrics)
                : byMicroBatch(step, batches.microBatches(), scorer, normalizer, metrics);
        carried = total.carried();
        sft.accumulate(step, policy).ifPresent(value -> total.addSft(value, config.objective().sftWeight()));
        double learningRate = learningRate(step);
        double gradientNorm = optimizer.step(learningRate);
        StepChecks.requireFinite(step, preferences, "grad_norm", gradientNorm);
        moving.ifPresent(reference -> reference.afterStep(step, policy));

        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("epoch", batches.epoch());
        line.putAll(total.values());
        line.put("grad_norm", gradientNorm);
        line.put("learning_rate", learningRate);
        line.putAll(metrics.values());
        line.put("tokens", tokens(preferences));
        line.put("step_seconds", (System.nanoTime() - begin) / 1e9);
        return line;
    }

    private double learningRate(int step) {
        return config.optimizer().learningRate() * config.schedule().factor(step - 1, plan.steps());
    }

    /** Whether no earlier step has moved the policy: their learning rates were 0. */
    private boolean isBeforeFirstMove(int step) {
        return IntStream.range(1, step).allMatch(earlier -> learningRate(earlier) == 0);
    }

    /** Forward, loss and backward of one micro-batch after the other: the objective is a sum over them. */
    private StepLoss byMicroBatch(
            int step,
            List<List<Integer>> microBatches,
            Scorer scorer,
            Normalizer normalizer,
            PreferenceMetrics metrics) {
        StepLoss total = new StepLoss();
        for (List<Integer> indices : microBatches) {
            try (Scorer.Scores scores = scorer.forward(indices)) {
                StepChecks.requireUsable(step, scores.batch(), scores.logProbs());
                LossEvaluation evaluation = loss.evaluate(scores.logProbs(), normalizer);
                StepChecks.requireFinite(step, scores.batch().preferences(), "loss", evaluation.value());
                scores.pass().backward(evaluation.gradient(), evaluation.statisticGradients());
                metrics.add(scores.logProbs());
                total.add(evaluation);
            }
        }
        return total;
    }

    /**
     * The objective couples the micro-batches: all are scored first, the loss is taken of them together, and each is
     * scored again to take its part of the gradient (Gao et al. 2021, arXiv:2101.06983). Exact, for one more forward
     * pass: both passes draw the same dropout.
     */
    private StepLoss atOnce(
            int step,
            List<List<Integer>> microBatches,
            Scorer scorer,
            Normalizer normalizer,
            PreferenceMetrics metrics) {
        List<PreferenceLogProbs> parts = microBatches.stream().map(scorer::scoreInTraining).toList();
        PreferenceLogProbs whole = PreferenceLogProbs.joined(parts);
        for (int i = 0; i < parts.size(); i++) {
            StepChecks.requireUsable(step, scorer.batch(microBatches.get(i)), parts.get(i));
        }
        LossEvaluation evaluation = loss.evaluate(whole, normalizer);
        List<Integer> all = microBatches.stream().flatMap(List::stream).toList();
        StepChecks.requireFinite(step, scorer.batch(all).preferences(), "loss", evaluation.value());
        int end = 0;
        for (List<Integer> indices : microBatches) {
            try (ForwardPass pass = scorer.pass(indices)) {
                int from = end;
                int to = from + pass.logProbs().rows();
                LossEvaluation part = evaluation.mapGradients(gradient -> gradient.rows(from, to));
                pass.backward(part.gradient(), part.statisticGradients());
                end = to;
            }
        }
        metrics.add(whole);
        StepLoss total = new StepLoss();
        total.add(evaluation);
        return total;
    }

    private static long tokens(List<Preference> preferences) {
        return preferences.stream()
                .flatMap(preference -> preference.completions().stream())
                .mapToLong(TokenSequence::length)
                .sum();
    }

    private boolean evaluationDue(int step) {
        return step == plan.steps()
                || config.training().evaluateEvery().filter(every -> step % every == 0).isPresent();
    }

    /** The number of steps and what {@link RunLog#result} reads back from the files. */
    private Map<String, Double> result() {
        Map<String, Double> result = new LinkedHashMap<>();
        result.put("steps", (double) plan.steps());
        result.putAll(RunLog.result(folder));
        return result;
    }

    /**
     * Scores of the policy against itself. Stored log-probs of the reference come from other micro-batches than those
     * of a step and differ from the policy's by rounding; scored again in the same one they give log-ratios of 0 exactly.
     */
    private Scorer unmoved() {
        return scorer(data.train(), some -> (batch, indices) -> policy.logProbs(batch.sequences()));
    }

    private ReferenceLogProbs storedReference(List<Preference> preferences) {
        return references.of(policy, engine, preferences, config.training().microBatches(), progress);
    }

    private Scorer scorer(List<Preference> preferences, Function<List<Preference>, ReferenceLogProbs> fixed) {
        return new Scorer(loss, policy, referenceModel, preferences, config.training().microBatches(), some -> {
            if (!loss.usesReference()) {
                return ReferenceLogProbs.NONE;
            }
            return moving.isPresent() ? moving.get() : fixed.apply(some);
        });
    }

    private static String note(Map<String, Object> line) {
        return String.format(Locale.ROOT, "loss %.4f", (Double) line.get("loss"));
    }
}
