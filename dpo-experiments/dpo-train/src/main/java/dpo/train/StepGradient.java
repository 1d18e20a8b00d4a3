package dpo.train;

import dpo.core.backend.Ranks;
import dpo.core.loss.LossEvaluation;
import dpo.core.loss.Need;
import dpo.core.loss.Normalizer;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.PreferenceMetric;
import java.util.List;
import java.util.function.IntConsumer;

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
     * @param endOfShare called after each share of this process with its number, when its gradient has been added
     */
    StepLoss accumulate(
            int step,
            List<List<Integer>> microBatches,
            Scorer scorer,
            Normalizer normalizer,
            PreferenceMetric.Accumulator metrics,
            IntConsumer endOfShare);

    /**
     * The cheapest exact computation for an objective and a number of micro-batches.
     *
     * @param ranks the processes that share the step
     */
    static StepGradient of(PreferenceLoss loss, int microBatches, Ranks ranks) {
        boolean isWhole = loss.needs().contains(Need.WHOLE_STEP) && microBatches > 1;
        return isWhole || ranks.shares() > 1 ? new GatheredGradient(loss, ranks) : new Summed(loss);
    }

    /** For an objective that is a sum over micro-batches: forward pass, loss and backward pass of each in turn. */
    record Summed(PreferenceLoss loss) implements StepGradient {

        @Override
        public StepLoss accumulate(
                int step,
                List<List<Integer>> microBatches,
                Scorer scorer,
                Normalizer normalizer,
                PreferenceMetric.Accumulator metrics,
                IntConsumer endOfShare) {
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
            endOfShare.accept(0);
            return total;
        }
    }
}
