package dpo.harness.config;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import dpo.data.batch.MicroBatches;
import dpo.data.batch.Order;
import dpo.train.BestEvaluation;
import java.util.Optional;

/**
 * Batches, order, evaluation and checkpoints.
 *
 * @param epochs passes over the pairs
 * @param maxSteps optimizer steps, over as many passes as they need, instead of {@code epochs}
 * @param batchSize pairs per optimizer step
 * @param microBatchSize pairs per forward and backward pass; does not change the result beyond rounding
 * @param microBatchTokens maximum number of tokens per forward and backward pass, instead of {@code microBatchSize}
 * @param order order of the pairs
 * @param evaluateEvery optimizer steps between evaluations; absent: one at the end
 * @param evaluateAtStart whether there is also an evaluation before the first step
 * @param best the choice of the best evaluation, whose model is saved, and early stopping
 * @param samples completions of held-out prompts at each evaluation
 * @param checkpointEvery optimizer steps between checkpoints for resuming
 * @param saveEvery optimizer steps between saved models
 * @param keepLast number of those models that are kept
 * @param saveModel whether the trained model is saved
 */
public record TrainingConfig(
        @Setting(about = "passes over the pairs", byDefault = "1")
        int epochs,

        @Setting(about = "optimizer steps, over as many passes as they need, instead of epochs")
        Optional<Integer> maxSteps,

        @Setting(about = "pairs per optimizer step", byDefault = "8")
        int batchSize,

        @Setting(about = "pairs per forward and backward pass; absent: batch_size")
        Optional<Integer> microBatchSize,

        @Setting(about = "maximum number of tokens per forward and backward pass, instead of micro_batch_size")
        Optional<Integer> microBatchTokens,

        @Setting(about = "shuffled (in each epoch) or sequential", byDefault = "shuffled")
        Order order,

        @Setting(about = "optimizer steps between evaluations; absent: one at the end")
        Optional<Integer> evaluateEvery,

        @Setting(about = "also evaluate before the first step", byDefault = "false")
        boolean evaluateAtStart,

        @Setting(about = "save the model of the best evaluation in checkpoints/best; with patience, stop early")
        Optional<BestEvaluation> best,

        @Setting(about = "generate completions of held-out prompts at every evaluation, by policy and reference")
        Optional<SamplesConfig> samples,

        @Setting(about = "optimizer steps between checkpoints; absent: an interval that costs at most 5 % of the time")
        Optional<Integer> checkpointEvery,

        @Setting(about = "optimizer steps between models that are saved in checkpoints/step-N; absent: none")
        Optional<Integer> saveEvery,

        @Setting(about = "number of models of save_every that are kept, the last ones; absent: all")
        Optional<Integer> keepLast,

        @Setting(about = "save the trained model in checkpoints/final", byDefault = "true")
        boolean saveModel) {

    public TrainingConfig {
        Requirement.atLeast("epochs", epochs, 1);
        maxSteps.ifPresent(steps -> Requirement.atLeast("max_steps", steps, 1));
        if (maxSteps.isPresent() && epochs > 1) {
            throw new SettingException("max_steps", "must be absent if epochs is given", maxSteps.get(), "epochs");
        }
        Requirement.atLeast("batch_size", batchSize, 1);
        microBatchSize.ifPresent(size -> Requirement.atLeast("micro_batch_size", size, 1));
        if (microBatchSize.orElse(batchSize) > batchSize) {
            throw new SettingException(
                    "micro_batch_size",
                    "must be at most batch_size (" + batchSize + ")",
                    microBatchSize.get(),
                    "batch_size");
        }
        microBatchTokens.ifPresent(tokens -> Requirement.atLeast("micro_batch_tokens", tokens, 1));
        if (microBatchSize.isPresent() && microBatchTokens.isPresent()) {
            throw new SettingException(
                    "micro_batch_tokens",
                    "must be absent if micro_batch_size is given",
                    microBatchTokens.get(),
                    "micro_batch_size");
        }
        evaluateEvery.ifPresent(steps -> Requirement.atLeast("evaluate_every", steps, 1));
        if (best.isPresent() && evaluateEvery.isEmpty()) {
            throw new SettingException(
                    "best",
                    "must be absent without evaluate_every, since one evaluation has no better one",
                    best.get().metric(),
                    "evaluate_every");
        }
        checkpointEvery.ifPresent(steps -> Requirement.atLeast("checkpoint_every", steps, 1));
        saveEvery.ifPresent(steps -> Requirement.atLeast("save_every", steps, 1));
        keepLast.ifPresent(models -> Requirement.atLeast("keep_last", models, 1));
        if (keepLast.isPresent() && saveEvery.isEmpty()) {
            throw new SettingException("keep_last", "must be absent without save_every", keepLast.get(), "save_every");
        }
    }

    /** This configuration with micro-batches of {@code most} examples, or tokens if those are the unit. */
    public TrainingConfig withMicroBatch(int most) {
        return new TrainingConfig(
                epochs,
                maxSteps,
                batchSize,
                microBatchTokens.isPresent() ? Optional.empty() : Optional.of(most),
                microBatchTokens.map(counted -> most),
                order,
                evaluateEvery,
                evaluateAtStart,
                best,
                samples,
                checkpointEvery,
                saveEvery,
                keepLast,
                saveModel);
    }

    /** The rule by which a step is split into forward and backward passes. */
    public MicroBatches microBatches() {
        return microBatchTokens
                .<MicroBatches>map(MicroBatches.OfTokens::new)
                .orElseGet(() -> new MicroBatches.OfExamples(microBatchSize.orElse(batchSize)));
    }
}
