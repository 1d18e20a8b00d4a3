package dpo.train.online;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Restorable;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.BatchPlan;
import dpo.train.Budget;
import dpo.train.StepReport;
import dpo.train.TrainingData;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Steps that sample completions and take one update each along {@code Σ_i w_i ∇ log π(y_i)}. */
final class WeightedSteps implements TrainingSteps {

    /** Samples completions and gives them weights. */
    @FunctionalInterface
    interface Draw {

        /**
         * The completions of a step.
         *
         * @param prompts preferences whose prompts are sampled, by index
         */
        Completions of(int step, List<Integer> prompts);
    }

    /**
     * Completions to learn from.
     *
     * @param sequences the completions y_i
     * @param weights their weights w_i
     * @param metrics of the step
     * @param budget what it cost to sample and judge them
     * @param tokens length of all sampled sequences
     */
    record Completions(
            List<TokenSequence> sequences, double[] weights, Map<String, Double> metrics, Budget budget, long tokens) {}

    private final TrainingSettings settings;
    private final Policy policy;
    private final Rollouts rollouts;
    private final Draw draw;
    private final BatchPlan plan;
    private final Optimizer optimizer;

    WeightedSteps(TrainingSettings settings, TrainingData data, Policy policy, Rollouts rollouts, Draw draw) {
        this.settings = settings;
        this.policy = policy;
        this.rollouts = rollouts;
        this.draw = draw;
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
        Completions completions = draw.of(step, batch.indices());
        double loss = accumulate(completions.sequences(), completions.weights());
        double learningRate = settings.learningRate(step, count());
        double norm = optimizer.step(learningRate);
        Map<String, Double> metrics = new LinkedHashMap<>(completions.metrics());
        Budget update = new Budget(0, Rollouts.length(completions.sequences()), 1);
        metrics.putAll(completions.budget().plus(update).metrics());
        return new StepReport(
                step,
                batch.epoch(),
                Checks.requireFinite(step, "loss", loss),
                Map.of("policy", loss),
                Map.of(),
                Checks.requireFinite(step, "grad_norm", norm),
                learningRate,
                metrics,
                completions.tokens(),
                (System.nanoTime() - begin) / 1e9);
    }

    /** Adds the gradient of {@code −Σ_i w_i log π(y_i)} and returns its value. */
    private double accumulate(List<TokenSequence> sequences, double[] weights) {
        double[] loss = new double[1];
        rollouts.inMicroBatches(sequences, (indices, some) -> {
            try (ForwardPass pass = policy.forward(some)) {
                double[] slopes =
                        indices.stream().mapToDouble(index -> -weights[index]).toArray();
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
