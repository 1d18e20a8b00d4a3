package dpo.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Ranks;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetric;
import dpo.core.sequence.Preference;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * Computes the gradient of a step from the log-probabilities of all its micro-batches, gathered from the ranks, of which
 * there may be one. Each rank scores its {@link Shares share} of the micro-batches, or all shares if it is the only one; then
 * all ranks have all log-probabilities, from which each computes the loss and the metrics of the step as for one share.
 *
 * <p>If the objective is a sum over micro-batches, a micro-batch is back-propagated when it is scored. An objective of the
 * whole step is evaluated on the gathered log-probabilities first, and each micro-batch is scored again to back-propagate
 * its part of the gradient (Gao et al. 2021, arXiv:2101.06983). This is exact, because both passes have the same dropout,
 * and costs one more forward pass. The gradients of shares are not summed here.
 *
 * @param loss the objective
 * @param ranks the processes that share the step
 */
record GatheredGradient(PreferenceLoss loss, Ranks ranks) implements StepGradient {

    @Override
    public StepLoss accumulate(
            int step,
            List<List<Integer>> microBatches,
            Scorer scorer,
            Normalizer normalizer,
            PreferenceMetric.Accumulator metrics,
            IntConsumer endOfShare) {
        boolean isWhole = loss.needs().contains(Need.WHOLE_STEP);
        List<List<Integer>> shares = shares(microBatches, scorer);
        SortedMap<Integer, PreferenceLogProbs> own = new TreeMap<>();
        for (int share : ranks.ownShares()) {
            for (int each : shares.get(share)) {
                List<Integer> indices = microBatches.get(each);
                own.put(each, isWhole ? scorer.scoreInTraining(indices) : backPropagated(scorer, indices, normalizer));
            }
            if (!isWhole) {
                endOfShare.accept(share);
            }
        }
        List<PreferenceLogProbs> parts = ofAll(List.copyOf(own.values()), shares, microBatches, scorer);
        for (int i = 0; i < parts.size(); i++) {
            StepChecks.requireUsable(step, scorer.batch(microBatches.get(i)), parts.get(i));
        }
        StepLoss total = new StepLoss();
        if (isWhole) {
            PreferenceLogProbs whole = PreferenceLogProbs.joined(parts);
            metrics.add(whole);
            LossEvaluation evaluation = loss.evaluate(whole, normalizer);
            requireFinite(
                    step, scorer, microBatches.stream().flatMap(List::stream).toList(), evaluation);
            for (int share : ranks.ownShares()) {
                for (int each : shares.get(share)) {
                    backPropagate(scorer, microBatches.get(each), firstRow(parts, each), evaluation);
                }
                endOfShare.accept(share);
            }
            total.add(evaluation);
        } else {
            parts.forEach(metrics::add);
            for (int i = 0; i < parts.size(); i++) {
                LossEvaluation evaluation = loss.evaluate(parts.get(i), normalizer);
                requireFinite(step, scorer, microBatches.get(i), evaluation);
                total.add(evaluation);
            }
        }
        return total;
    }

    private List<List<Integer>> shares(List<List<Integer>> microBatches, Scorer scorer) {
        return Shares.of(
                microBatches.stream()
                        .mapToLong(indices -> scorer.batch(indices).preferences().stream()
                                .mapToLong(Preference::tokens)
                                .sum())
                        .toArray(),
                ranks.shares());
    }

    /** Not checked here: all ranks check all micro-batches, so that they fail together. */
    private PreferenceLogProbs backPropagated(Scorer scorer, List<Integer> indices, Normalizer normalizer) {
        try (Scorer.Scores scores = scorer.forward(indices)) {
            LossEvaluation evaluation = loss.evaluate(scores.logProbs(), normalizer);
            scores.pass().backward(evaluation.gradient(), evaluation.statisticGradients());
            return scores.logProbs();
        }
    }

    private static void backPropagate(Scorer scorer, List<Integer> indices, int firstRow, LossEvaluation whole) {
        try (ForwardPass pass = scorer.pass(indices)) {
            int end = firstRow + pass.logProbs().rows();
            LossEvaluation part = whole.mapGradients(gradient -> gradient.rows(firstRow, end));
            pass.backward(part.gradient(), part.statisticGradients());
        }
    }

    private static int firstRow(List<PreferenceLogProbs> parts, int part) {
        return parts.subList(0, part).stream()
                .mapToInt(before -> before.policy().rows())
                .sum();
    }

    /** The log-probabilities of all micro-batches, given those of this process, in order. */
    private List<PreferenceLogProbs> ofAll(
            List<PreferenceLogProbs> own, List<List<Integer>> shares, List<List<Integer>> microBatches, Scorer scorer) {
        if (ranks.count() == 1) {
            return own;
        }
        List<double[]> messages = ranks.gather(LogProbsMessage.of(own));
        TreeMap<Integer, PreferenceLogProbs> all = new TreeMap<>();
        for (int rank = 0; rank < ranks.count(); rank++) {
            DoubleBuffer message = DoubleBuffer.wrap(messages.get(rank));
            shares.get(rank)
                    .forEach(microBatch -> all.put(
                            microBatch, LogProbsMessage.next(message, scorer.batch(microBatches.get(microBatch)))));
        }
        return List.copyOf(all.values());
    }

    private static void requireFinite(int step, Scorer scorer, List<Integer> indices, LossEvaluation evaluation) {
        StepChecks.requireFinite(step, scorer.batch(indices).preferences(), "loss", evaluation.value());
    }
}
