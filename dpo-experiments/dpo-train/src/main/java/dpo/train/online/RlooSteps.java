package dpo.train.online;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Restorable;
import dpo.core.logprob.TokenGradient;
import dpo.data.batch.BatchPlan;
import dpo.train.Budget;
import dpo.train.StepReport;
import dpo.train.TrainingData;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The steps of {@link Rloo}. */
final class RlooSteps implements TrainingSteps {

    private final Rloo method;
    private final TrainingSettings settings;
    private final double beta;
    private final Policy policy;
    private final Rollouts rollouts;
    private final BatchPlan plan;
    private final Optimizer optimizer;

    RlooSteps(Rloo method, TrainingSettings settings, TrainingData data, Policy policy, Rollouts rollouts) {
        this.method = method;
        this.settings = settings;
        this.beta = method.beta(settings).orElseThrow();
        this.policy = policy;
        this.rollouts = rollouts;
        this.plan = settings.plan(data.train());
        this.optimizer = policy.optimizer(settings.optimizer());
    }

    @Override
    public int count() {
        return plan.steps();
    }

    @Override
    public StepReport take(int step, Map<String, Double> carried) {
        long begin = System.nanoTime();
        BatchPlan.Step batch = plan.step(step);
        List<Integer> prompts =
                batch.microBatches().stream().flatMap(List::stream).toList();
        Rollout rollout = rollouts.sample(step, prompts, method.numGenerations());
        double loss = accumulate(rollout, advantages(rollout));
        double learningRate = settings.learningRate(step, count());
        double norm = optimizer.step(learningRate);
        Map<String, Double> metrics = rollout.metrics(beta);
        metrics.putAll(new Budget(rollout.size(), rollouts.tokens(rollout) + rollout.tokens(), 1).metrics());
        return new StepReport(
                step,
                batch.epoch(),
                Checks.requireFinite(step, "loss", loss),
                Map.of("policy", loss),
                Map.of(),
                Checks.requireFinite(step, "grad_norm", norm),
                learningRate,
                metrics,
                rollout.tokens(),
                (System.nanoTime() - begin) / 1e9);
    }

    private double[] advantages(Rollout rollout) {
        double[] returns = IntStream.range(0, rollout.size())
                .mapToDouble(row -> rollout.rewards()[row] - beta * rollout.logRatio(row))
                .toArray();
        return Advantages.leaveOneOut(returns, method.numGenerations());
    }

    /** Adds the gradient of {@code −(1/n) Σ_i A_i log π(y_i)} and returns its value. */
    private double accumulate(Rollout rollout, double[] advantages) {
        double[] loss = new double[1];
        rollouts.inMicroBatches(rollout.sequences(), (indices, sequences) -> {
            try (ForwardPass pass = policy.forward(sequences)) {
                double[] slopes = indices.stream()
                        .mapToDouble(index -> -advantages[index] / rollout.size())
                        .toArray();
                for (int row = 0; row < slopes.length; row++) {
                    loss[0] += slopes[row] * pass.logProbs().sum(row);
                }
                pass.backward(TokenGradient.ofRowSums(pass.logProbs().shape(), slopes));
            }
        });
        return loss[0];
    }

    @Override
    public Map<String, Restorable> state() {
        return new TreeMap<>(Map.of("policy", policy, "optimizer", optimizer));
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
