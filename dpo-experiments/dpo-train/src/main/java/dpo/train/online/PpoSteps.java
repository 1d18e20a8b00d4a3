package dpo.train.online;

import dpo.core.backend.AdamW;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.backend.Restorable;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarPass;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.random.RandomStreams;
import dpo.data.batch.BatchPlan;
import dpo.train.Budget;
import dpo.train.Models;
import dpo.train.StepReport;
import dpo.train.TrainingData;
import dpo.train.TrainingSettings;
import dpo.train.TrainingSteps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The steps of {@link Ppo}. */
final class PpoSteps implements TrainingSteps {

    /** The name of the value function. */
    static final String VALUE = "value";

    private final Ppo method;
    private final TrainingSettings settings;
    private final double beta;
    private final Policy policy;
    private final ScalarModel value;
    private final Rollouts rollouts;
    private final BatchPlan plan;
    private final AdamW ofValue;
    private final Optimizer optimizer;
    private final Optimizer valueOptimizer;

    PpoSteps(Ppo method, TrainingSettings settings, TrainingData data, Models models, Rollouts rollouts) {
        this.method = method;
        this.settings = settings;
        this.beta = method.beta(settings).orElseThrow();
        this.policy = models.policy();
        this.value = models.scalar(VALUE);
        this.rollouts = rollouts;
        this.plan = settings.plan(data.train());
        AdamW ofPolicy = settings.optimizer();
        this.ofValue = new AdamW(
                method.valueLearningRate().orElse(ofPolicy.learningRate()),
                ofPolicy.betas(),
                ofPolicy.epsilon(),
                ofPolicy.weightDecay(),
                ofPolicy.maxGradNorm());
        this.optimizer = policy.optimizer(ofPolicy);
        this.valueOptimizer = value.optimizer(ofValue);
    }

    @Override
    public int count() {
        return plan.steps();
    }

    @Override
    public StepReport take(int step, Map<String, Double> carried) {
        long begin = System.nanoTime();
        BatchPlan.Step batch = plan.step(step);
        Rollout rollout = rollouts.sample(step, batch.indices(), 1);
        Estimates estimates = Estimates.of(rollout, values(rollout), method, beta);
        PpoTotals totals = new PpoTotals();
        double learningRate = settings.learningRate(step, count());
        for (int epoch = 1; epoch <= method.numPpoEpochs(); epoch++) {
            for (List<Integer> rows : miniBatches(step, epoch, rollout.size())) {
                update(rows, rollout, estimates, totals);
                totals.norms(
                        Checks.requireFinite(step, "grad_norm", optimizer.step(learningRate)),
                        Checks.requireFinite(
                                step, "grad_norm of the value function", valueOptimizer.step(valueLearningRate(step))));
            }
        }
        Map<String, Double> metrics = rollout.metrics(beta);
        metrics.putAll(totals.metrics());
        metrics.put("val/explained_variance", estimates.explainedVariance());
        long passes = 1 + 2L * method.numPpoEpochs();
        metrics.putAll(
                new Budget(rollout.size(), rollouts.tokens(rollout) + passes * rollout.tokens(), 2L * totals.updates())
                        .metrics());
        return new StepReport(
                step,
                batch.epoch(),
                Checks.requireFinite(step, "loss", totals.policyLoss()),
                new TreeMap<>(Map.of(
                        "policy",
                        totals.policyLoss(),
                        "value",
                        Checks.requireFinite(step, "loss of the value function", totals.valueLoss()))),
                Map.of(),
                totals.norm(),
                learningRate,
                metrics,
                rollout.tokens(),
                (System.nanoTime() - begin) / 1e9);
    }

    private double valueLearningRate(int step) {
        return ofValue.learningRate() * settings.schedule().factor(step - 1, count());
    }

    private double[][] values(Rollout rollout) {
        double[][] values = new double[rollout.size()][];
        rollouts.inMicroBatches(rollout.sequences(), (indices, sequences) -> {
            double[][] part = value.values(sequences);
            IntStream.range(0, part.length).forEach(i -> values[indices.get(i)] = part[i]);
        });
        return values;
    }

    /** The rows of each update of a pass, in a random order. */
    private List<List<Integer>> miniBatches(int step, int epoch, int rows) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
        long seed = new RandomStreams(settings.seed())
                .stream("ppo/" + step + "/" + epoch).nextLong();
        Collections.shuffle(order, new Random(seed));
        int count = Math.min(rows, method.numMiniBatches());
        return IntStream.range(0, count)
                .mapToObj(i ->
                        List.copyOf(order.subList((int) ((long) i * rows / count), (int) ((i + 1L) * rows / count))))
                .toList();
    }

    /** Adds the gradients of an update. */
    private void update(List<Integer> rows, Rollout rollout, Estimates estimates, PpoTotals totals) {
        long tokens =
                rows.stream().mapToLong(row -> rollout.policy().tokens(row)).sum();
        ClippedSurrogate surrogate = new ClippedSurrogate(method.cliprange());
        ClippedValueLoss valueLoss = new ClippedValueLoss(method.cliprangeValue());
        totals.begin(tokens);
        rollouts.inMicroBatches(rows.stream().map(rollout.sequences()::get).toList(), (indices, sequences) -> {
            List<Integer> picked = indices.stream().map(rows::get).toList();
            TokenLogProbs old = TokenLogProbs.ofRows(select(picked, rollout.policy()::row));
            try (ForwardPass pass = policy.forward(sequences)) {
                LossEvaluation evaluation = surrogate.evaluate(
                        pass.logProbs(), old, select(picked, row -> estimates.advantages()[row]), tokens);
                pass.backward(evaluation.gradient());
                totals.policy(evaluation.value(), surrogate.clipped(pass.logProbs(), old), pass.logProbs(), old);
            }
            try (ScalarPass pass = value.forward(sequences)) {
                ClippedValueLoss.Evaluation evaluation = valueLoss.evaluate(
                        pass.values(),
                        select(picked, row -> estimates.values()[row]),
                        select(picked, row -> estimates.returns()[row]),
                        tokens);
                pass.backward(evaluation.gradient());
                totals.value(evaluation.value());
            }
        });
    }

    private static double[][] select(List<Integer> rows, IntFunction<double[]> row) {
        return rows.stream().map(row::apply).toArray(double[][]::new);
    }

    @Override
    public Map<String, Restorable> state() {
        return new TreeMap<>(
                Map.of("policy", policy, "optimizer", optimizer, "value", value, "value_optimizer", valueOptimizer));
    }

    @Override
    public void close() {
        optimizer.close();
        valueOptimizer.close();
    }
}
