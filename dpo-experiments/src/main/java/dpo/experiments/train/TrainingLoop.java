package dpo.experiments.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetrics;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.PreferencePair;
import dpo.data.batch.BatchPlan;
import dpo.experiments.config.ExperimentConfig;
import dpo.experiments.store.JsonLines;
import dpo.experiments.store.RunFolder;
import dpo.experiments.tensorboard.TensorBoardEvents;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Trains a policy on preference pairs: for every optimizer step, log-probabilities, loss and gradient of each micro-batch,
 * back-propagation, one move of the parameters.
 *
 * <p>Resumes from the run folder's checkpoint where there is one; the numbers are those of an undisturbed run.
 */
public final class TrainingLoop {

    private final ExperimentConfig config;
    private final TrainingData data;
    private final Policy policy;
    private final RunFolder folder;
    private final ReferenceCache references;
    private final String engine;
    private final Progress progress;
    private final BooleanSupplier stopRequested;

    private final PreferenceLoss loss;
    private final Map<String, Double> groupShares;
    private final BatchPlan plan;
    private final SftTerm sft;

    /**
     * @param config the run
     * @param data its tokens
     * @param policy the model as it was opened, which is also the reference
     * @param folder where everything is written
     * @param references cache of reference log-probabilities
     * @param engine address of what computes log-probabilities, down to their last bits
     * @param progress where to tell how far training is
     * @param stopRequested asked after every step; training then stops with a checkpoint
     */
    public TrainingLoop(
            ExperimentConfig config,
            TrainingData data,
            Policy policy,
            RunFolder folder,
            ReferenceCache references,
            String engine,
            Progress progress,
            BooleanSupplier stopRequested) {
        this.config = config;
        this.data = data;
        this.policy = policy;
        this.folder = folder;
        this.references = references;
        this.engine = engine;
        this.progress = progress;
        this.stopRequested = stopRequested;
        RandomStreams streams = new RandomStreams(config.seed());
        this.loss = config.objective().loss();
        this.groupShares = TrainingData.groupShares(data.train());
        this.plan = BatchPlan.of(
                data.train().size(),
                config.training().batchSize(),
                config.training().microBatch(),
                config.training().epochs(),
                config.training().order(),
                streams);
        this.sft = SftTerm.of(config, data.sft(), plan.steps(), streams);
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
        ReferenceLogProbs reference = reference(data.train());
        Evaluation evaluation =
                new Evaluation(loss, data.evaluation(), reference(data.evaluation()), config.training().microBatch());
        try (Optimizer optimizer = policy.optimizer(config.optimizer())) {
            Checkpoints checkpoints =
                    new Checkpoints(folder, policy, optimizer, config.training().checkpointEvery());
            int done = checkpoints.restore();
            try (JsonLines metrics = folder.metricsAfter(done);
                    JsonLines evaluations = folder.evaluationsAfter(done);
                    TensorBoardEvents events = TensorBoardEvents.open(folder.tensorboard())) {
                if (done == 0) {
                    policy.exactEvaluation().ifPresent(world -> folder.writeFrontier(Frontier.points(world)));
                }
                progress.begin("training", plan.steps());
                for (int step = done + 1; step <= plan.steps(); step++) {
                    Map<String, Object> line = step(step, optimizer, reference);
                    metrics.append(line);
                    events.write(step, wallSeconds(), numbers(line));
                    progress.at(step, note(line));
                    if (evaluationDue(step)) {
                        evaluate(evaluation, step, evaluations, events);
                        progress.begin("training", plan.steps());
                    }
                    if (step < plan.steps()) {
                        checkpoints.afterStep(step, metrics, evaluations);
                        if (stopRequested.getAsBoolean()) {
                            checkpoints.write(step, metrics, evaluations);
                            throw new StopRequested();
                        }
                    }
                }
            } finally {
                progress.end();
            }
            if (config.training().saveModel()) {
                checkpoints.writeFinalModel();
            }
            return Optional.of(result());
        }
    }

    /** One optimizer step; gives its line of metrics. */
    private Map<String, Object> step(int step, Optimizer optimizer, ReferenceLogProbs reference) {
        long begin = System.nanoTime();
        BatchPlan.Step batches = plan.step(step);
        List<PreferencePair> pairs =
                batches.microBatches().stream().flatMap(List::stream).map(data.train()::get).toList();
        Normalizer normalizer = Normalizer.of(pairs, groupShares);
        PreferenceMetrics metrics = new PreferenceMetrics(loss.rewardScale());
        StepLoss total = new StepLoss();
        for (List<Integer> indices : batches.microBatches()) {
            PreferenceBatch batch = new PreferenceBatch(indices.stream().map(data.train()::get).toList());
            TokenLogProbs referenceRows = reference.of(batch, indices);
            try (ForwardPass pass = policy.forward(batch.sequences())) {
                StepChecks.requireUsable(step, batch, pass.logProbs(), referenceRows);
                PreferenceLogProbs logProbs = PreferenceLogProbs.of(batch, pass.logProbs(), referenceRows);
                LossEvaluation evaluation = loss.evaluate(logProbs, normalizer);
                StepChecks.requireFinite(step, pairs, "loss", evaluation.value());
                pass.backward(evaluation.gradient());
                metrics.add(logProbs);
                total.add(evaluation);
            }
        }
        sft.accumulate(step, policy).ifPresent(value -> total.addSft(value, config.objective().sftWeight()));
        double learningRate = config.optimizer().learningRate() * config.schedule().factor(step - 1, plan.steps());
        double gradientNorm = optimizer.step(learningRate);
        StepChecks.requireFinite(step, pairs, "grad_norm", gradientNorm);

        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("epoch", batches.epoch());
        line.putAll(total.values());
        line.put("grad_norm", gradientNorm);
        line.put("learning_rate", learningRate);
        line.putAll(metrics.values());
        line.put("tokens", tokens(pairs));
        line.put("step_seconds", (System.nanoTime() - begin) / 1e9);
        return line;
    }

    private static long tokens(List<PreferencePair> pairs) {
        return pairs.stream().mapToLong(pair -> pair.chosen().length() + pair.rejected().length()).sum();
    }

    private boolean evaluationDue(int step) {
        return step == plan.steps()
                || config.training().evaluateEvery().filter(every -> step % every == 0).isPresent();
    }

    private void evaluate(Evaluation evaluation, int step, JsonLines evaluations, TensorBoardEvents events) {
        Evaluation.Findings findings = evaluation.of(policy, step, progress);
        if (findings.metrics().isEmpty()) {
            return;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(findings.metrics());
        evaluations.append(line);
        events.write(step, wallSeconds(), findings.metrics());
        if (step == plan.steps()) {
            folder.writePairs(findings.pairLines());
        }
    }

    /** The last step's loss and the last evaluation, read back from the files, which are the truth. */
    private Map<String, Double> result() {
        Map<String, Double> result = new LinkedHashMap<>();
        result.put("steps", (double) plan.steps());
        lastLine("metrics.jsonl").ifPresent(line -> result.put("train/loss", numbers(line).getOrDefault("loss", Double.NaN)));
        lastLine("evaluations.jsonl").ifPresent(line -> {
            Map<String, Double> numbers = numbers(line);
            numbers.remove("step");
            result.putAll(numbers);
        });
        return result;
    }

    private Optional<Map<String, Object>> lastLine(String name) {
        List<Map<String, Object>> lines = JsonLines.read(folder.path().resolve(name));
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1));
    }

    private ReferenceLogProbs reference(List<PreferencePair> pairs) {
        if (pairs.isEmpty()) {
            return new ReferenceLogProbs(List.of(), List.of());
        }
        return references.of(policy, engine, pairs, config.training().microBatch(), progress);
    }

    private static Map<String, Double> numbers(Map<String, ?> line) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        line.forEach((name, value) -> {
            if (value instanceof Number number) {
                numbers.put(name, number.doubleValue());
            }
        });
        return numbers;
    }

    private static String note(Map<String, Object> line) {
        return "loss %.4f".formatted((Double) line.get("loss"));
    }

    private static double wallSeconds() {
        return System.currentTimeMillis() / 1e3;
    }
}
