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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The steps of {@link BestOfN}. */
final class BestOfNSteps implements TrainingSteps {

    private final BestOfN method;
    private final TrainingSettings settings;
    private final Policy policy;
    private final Rollouts rollouts;
    private final BatchPlan plan;
    private final Optimizer optimizer;

    BestOfNSteps(BestOfN method, TrainingSettings settings, TrainingData data, Policy policy, Rollouts rollouts) {
        this.method = method;
        this.settings = settings;
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
        List<TokenSequence> drawn = rollouts.ofReference(step, prompts, method.numGenerations());
        double[] rewards = rollouts.rewards(step, drawn);
        int[] best = best(rewards, method.numGenerations());
        List<TokenSequence> kept = Arrays.stream(best).mapToObj(drawn::get).toList();
        double loss = accumulate(kept);
        double learningRate = settings.learningRate(step, count());
        double norm = optimizer.step(learningRate);
        Map<String, Double> metrics = metrics(kept, Arrays.stream(best).mapToDouble(row -> rewards[row]));
        metrics.putAll(new Budget(drawn.size(), rollouts.tokens(drawn) + tokens(kept), 1).metrics());
        return new StepReport(
                step,
                batch.epoch(),
                Checks.requireFinite(step, "loss", loss),
                Map.of("policy", loss),
                Map.of(),
                Checks.requireFinite(step, "grad_norm", norm),
                learningRate,
                metrics,
                tokens(drawn),
                (System.nanoTime() - begin) / 1e9);
    }

    /** The row of the highest reward of each prompt, the first one of equals. */
    static int[] best(double[] rewards, int perPrompt) {
        int[] best = new int[rewards.length / perPrompt];
        for (int prompt = 0; prompt < best.length; prompt++) {
            best[prompt] = prompt * perPrompt;
            for (int row = best[prompt] + 1; row < (prompt + 1) * perPrompt; row++) {
                best[prompt] = rewards[row] > rewards[best[prompt]] ? row : best[prompt];
            }
        }
        return best;
    }

    private Map<String, Double> metrics(List<TokenSequence> kept, DoubleStream rewards) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("objective/scores", rewards.average().orElse(Double.NaN));
        rollouts.trueRewards(kept)
                .ifPresent(values -> metrics.put(
                        "objective/true_scores", Arrays.stream(values).average().orElse(Double.NaN)));
        metrics.put(
                "completion_length",
                kept.stream()
                        .mapToInt(sequence ->
                                sequence.length() - sequence.turns().get(0).start())
                        .average()
                        .orElse(Double.NaN));
        return metrics;
    }

    private static long tokens(List<TokenSequence> sequences) {
        return sequences.stream().mapToLong(TokenSequence::length).sum();
    }

    /** Adds the gradient of {@code −(1/N) Σ_j log π(y_j)} and returns its value. */
    private double accumulate(List<TokenSequence> kept) {
        double[] loss = new double[1];
        rollouts.inMicroBatches(kept, (indices, sequences) -> {
            try (ForwardPass pass = policy.forward(sequences)) {
                double[] slopes = new double[sequences.size()];
                Arrays.fill(slopes, -1.0 / kept.size());
                loss[0] += IntStream.range(0, slopes.length)
                        .mapToDouble(row -> slopes[row] * pass.logProbs().sum(row))
                        .sum();
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
