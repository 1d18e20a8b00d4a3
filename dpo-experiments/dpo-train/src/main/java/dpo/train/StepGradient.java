package dpo.train;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Ranks;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetric;
import java.util.List;

/** Computes the loss of an optimizer step and its gradient over the step's micro-batches. */
interface StepGradient {

    /**
     * Adds the gradient of the loss to the policy's gradient.
     *
     * @param step number of the optimizer step, for messages
     * @param microBatches indices of the step's preferences
     * @param scorer scores the preferences
     * @param normalizer counts of the whole step
     * @param metrics receives the log-probabilities
     */
    StepLoss accumulate(
            int step,
            List<List<Integer>> microBatches,
            Scorer scorer,
            Normalizer normalizer,
            PreferenceMetric.Accumulator metrics);

    /** The cheapest exact computation for an objective and a number of micro-batches. */
    static StepGradient of(PreferenceLoss loss, int microBatches, Ranks ranks) {
        if (ranks.count() > 1) {
            return new SharedGradient(loss, ranks);
        }
        return loss.needs().contains(Need.WHOLE_STEP) && microBatches > 1 ? new WholeStep(loss) : new Summed(loss);
    }

    /** For an objective that is a sum over micro-batches: forward pass, loss and backward pass of each in turn. */
    record Summed(PreferenceLoss loss) implements StepGradient {

        @Override
        public StepLoss accumulate(
                int step,
                List<List<Integer>> microBatches,
                Scorer scorer,
                Normalizer normalizer,
                PreferenceMetric.Accumulator metrics) {
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
    }

    /**
     * For a step-coupled objective: all micro-batches are scored, the loss is evaluated on the whole step, and each
     * micro-batch is scored again to back-propagate its part of the gradient (Gao et al. 2021, arXiv:2101.06983). This
     * is exact, because both passes have the same dropout, and costs one more forward pass.
     */
    record WholeStep(PreferenceLoss loss) implements StepGradient {

        @Override
        public StepLoss accumulate(
                int step,
                List<List<Integer>> microBatches,
                Scorer scorer,
                Normalizer normalizer,
                PreferenceMetric.Accumulator metrics) {
            List<PreferenceLogProbs> parts =
                    microBatches.stream().map(scorer::scoreInTraining).toList();
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
    }
}
