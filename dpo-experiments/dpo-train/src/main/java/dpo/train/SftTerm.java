package dpo.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.TokenSequence;
import dpo.data.batch.BatchPlan;
import java.util.List;
import java.util.Optional;

/**
 * The SFT term on its own data set D_SFT. Each optimizer step uses a batch of {@code batch_size} sequences; the data
 * set is repeated as often as training needs.
 */
final class SftTerm {

    private final SftLoss loss;
    private final double weight;
    private final List<TokenSequence> sequences;
    private final Optional<BatchPlan> plan;

    private SftTerm(SftLoss loss, double weight, List<TokenSequence> sequences, Optional<BatchPlan> plan) {
        this.loss = loss;
        this.weight = weight;
        this.sequences = sequences;
        this.plan = plan;
    }

    /** The term of a run; it is zero without sequences. */
    static SftTerm of(TrainingSettings settings, List<TokenSequence> sequences, int steps) {
        if (sequences.isEmpty() || settings.sft().isEmpty()) {
            return new SftTerm(new SftLoss(SftLoss.Average.SUM), 0, sequences, Optional.empty());
        }
        int batchSize = settings.batchSize();
        int stepsPerEpoch = (sequences.size() + batchSize - 1) / batchSize;
        BatchPlan plan = BatchPlan.of(
                sequences.stream().mapToInt(TokenSequence::length).toArray(),
                batchSize,
                settings.microBatches(),
                (steps + stepsPerEpoch - 1) / stepsPerEpoch,
                settings.order(),
                new RandomStreams(
                        new RandomStreams(settings.seed()).stream("sft").nextLong()));
        TrainingSettings.Sft sft = settings.sft().get();
        return new SftTerm(sft.loss(), sft.weight(), sequences, Optional.of(plan));
    }

    /** Weight of the term in the objective. */
    double weight() {
        return weight;
    }

    /** Adds the weighted gradient of a step's batch to the policy's gradient and returns the unweighted loss. */
    Optional<Double> accumulate(int step, Policy policy) {
        return plan.map(batches -> accumulate(batches.step(step).microBatches(), policy));
    }

    private double accumulate(List<List<Integer>> microBatches, Policy policy) {
        List<TokenSequence> all =
                microBatches.stream().flatMap(List::stream).map(sequences::get).toList();
        long tokens = all.stream().mapToLong(TokenSequence::scoredTokens).sum();
        double value = 0;
        for (List<Integer> indices : microBatches) {
            try (ForwardPass pass =
                    policy.forward(indices.stream().map(sequences::get).toList())) {
                LossEvaluation rows = loss.evaluate(pass.logProbs(), all.size(), tokens);
                if (!Double.isFinite(rows.value())) {
                    throw new TrainingFailure("loss/sft must be finite, got " + rows.value() + " (sequences " + indices
                            + " of objective.sft.data)");
                }
                pass.backward(rows.gradient().times(weight));
                value += rows.value();
            }
        }
        return value;
    }
}
