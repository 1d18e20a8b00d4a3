package dpo.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.backend.Ranks;
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

    /** The term of a step; empty if it is zero. */
    Optional<OfStep> at(int step, Policy policy, Ranks ranks) {
        return plan.map(batches -> new OfStep(batches.step(step).microBatches(), policy, ranks));
    }

    /** The term of one step: the gradients of the shares, then the value. */
    final class OfStep {

        private final List<List<Integer>> microBatches;
        private final Policy policy;
        private final Ranks ranks;
        private final List<List<Integer>> shares;
        private final double[] own;
        private final int size;
        private final long tokens;

        private OfStep(List<List<Integer>> microBatches, Policy policy, Ranks ranks) {
            this.microBatches = microBatches;
            this.policy = policy;
            this.ranks = ranks;
            this.shares = Shares.of(
                    microBatches.stream().mapToLong(SftTerm.this::tokens).toArray(), ranks.shares());
            this.own = new double[microBatches.size()];
            List<TokenSequence> all = microBatches.stream()
                    .flatMap(List::stream)
                    .map(sequences::get)
                    .toList();
            this.size = all.size();
            this.tokens = all.stream().mapToLong(TokenSequence::scoredTokens).sum();
        }

        /** Adds the weighted gradient of a share of this process to the policy's gradient. */
        void accumulate(int share) {
            for (int each : shares.get(share)) {
                own[each] = SftTerm.this.accumulate(microBatches.get(each), policy, size, tokens);
            }
        }

        /** The unweighted loss of the step's batch, after the gradients of all shares. */
        double value() {
            List<double[]> ofRanks = ranks.gather(own);
            double value = 0;
            for (int i = 0; i < own.length; i++) {
                int microBatch = i;
                // All but one of them are 0.
                double part =
                        ofRanks.stream().mapToDouble(each -> each[microBatch]).sum();
                if (!Double.isFinite(part)) {
                    throw new TrainingFailure("loss/sft must be finite, got " + part + " (sequences "
                            + microBatches.get(microBatch) + " of objective.sft.data)");
                }
                value += part;
            }
            return value;
        }
    }

    private long tokens(List<Integer> indices) {
        return indices.stream()
                .mapToLong(index -> sequences.get(index).length())
                .sum();
    }

    private double accumulate(List<Integer> indices, Policy policy, int ofStep, long tokensOfStep) {
        try (ForwardPass pass =
                policy.forward(indices.stream().map(sequences::get).toList())) {
            LossEvaluation rows = loss.evaluate(pass.logProbs(), ofStep, tokensOfStep);
            pass.backward(rows.gradient().times(weight));
            return rows.value();
        }
    }
}
