package dpo.harness.config;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.metric.PreferenceMetric;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import dpo.train.LearningRateSchedule;
import dpo.train.ReferenceUpdates;
import dpo.train.TrainingSettings;
import java.util.List;
import java.util.Optional;

/**
 * One run, completely described: what {@code config.yaml} of a run folder says.
 *
 * @param name name of the experiment
 * @param backend name of the engine
 * @param device device of the engine
 * @param threads threads of the engine; the number of processors where absent
 * @param model settings of the engine's model
 * @param data where the pairs come from and how they become tokens
 * @param objective what is minimised
 * @param reference how the reference follows the policy; absent: it is fixed
 * @param optimizer AdamW and the clipping of its gradient
 * @param schedule course of the learning rate
 * @param training batches, order, evaluation, checkpoints
 * @param metrics metrics beside the built-in ones
 * @param seed seed of every random stream of the run
 */
public record ExperimentConfig(
        @Setting(about = "name of the experiment, for folders and titles") String name,
        @Setting(about = "torch or tabular") String backend,
        @Setting(about = "cpu, cuda or cuda:N", byDefault = "cpu") String device,
        @Setting(about = "threads of the backend; absent: one per processor") Optional<Integer> threads,
        @Setting(about = "model of the backend", byDefault = "{}") Record model,
        @Setting(about = "preference pairs") DataConfig data,
        @Setting(about = "what is minimised", byDefault = "{}") ObjectiveConfig objective,
        @Setting(about = "a reference that follows the policy (TR-DPO); absent: the policy as it was opened")
                Optional<ReferenceUpdates> reference,
        @Setting(about = "AdamW") AdamW optimizer,
        @Setting(about = "course of the learning rate", byDefault = "{}") LearningRateSchedule schedule,
        @Setting(about = "batches, order, evaluation, checkpoints", byDefault = "{}") TrainingConfig training,
        @Setting(about = "metrics of your own, by class name", byDefault = "[]") List<PreferenceMetric> metrics,
        @Setting(about = "seed of every random stream", byDefault = "1") long seed) {

    /** A folder takes the name, with more at its end; file systems have 255 bytes for it. */
    private static final int LONGEST_NAME = 150;

    public ExperimentConfig {
        // What is of one key alone comes first, since what is of several can be asked only where all of them are there.
        if (name.length() > LONGEST_NAME || !name.matches("[\\w.-]*\\w[\\w.-]*")) {
            throw new SettingException("name", "must be letters, digits, '.', '_' or '-', at most " + LONGEST_NAME
                    + " and not dots alone", "\"" + MessageText.shortened(name) + "\"");
        }
        Execution.requireDevice(device);
        threads.ifPresent(count -> Requirement.atLeast("threads", count, 1));
        if (reference.isPresent() && !objective.loss().usesReference()) {
            throw new SettingException("reference", "must be absent for an objective that uses no reference",
                    reference.get(), "objective");
        }
        if (training.samples().isPresent() && data.evaluation().isEmpty()) {
            throw new SettingException("training.samples",
                    "must be absent without data.evaluation, whose prompts are continued",
                    training.samples().get().prompts() + " prompts", "training", "data");
        }
    }

    /** What {@link dpo.train.TrainingLoop} needs to know of this configuration. */
    public TrainingSettings trainingSettings() {
        return new TrainingSettings(
                objective.loss(),
                objective.sft()
                        .filter(term -> term.data().isPresent())
                        .map(term -> new TrainingSettings.Sft(term.loss(), objective.sftWeight())),
                optimizer,
                schedule,
                training.epochs(),
                training.batchSize(),
                training.microBatches(),
                training.order(),
                training.evaluateEvery(),
                metrics,
                reference,
                seed);
    }

    /** The same with another model. */
    public ExperimentConfig with(Record other) {
        return new ExperimentConfig(name, backend, device, threads, other, data, objective, reference, optimizer,
                schedule, training, metrics, seed);
    }

    /** The same with other batches. */
    public ExperimentConfig with(TrainingConfig other) {
        return new ExperimentConfig(name, backend, device, threads, model, data, objective, reference, optimizer,
                schedule, other, metrics, seed);
    }

    /** Device and threads, the latter resolved on this machine. */
    public Execution execution() {
        return new Execution(device, threads.orElseGet(() -> Runtime.getRuntime().availableProcessors()));
    }
}
