package dpo.harness.config;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.metric.PreferenceMetric;
import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import dpo.train.LearningRateSchedule;
import dpo.train.OnPreferences;
import dpo.train.TrainingMethod;
import dpo.train.TrainingSettings;
import java.util.List;
import java.util.Optional;

/**
 * The complete configuration of one run, the content of {@code config.yaml} in its folder.
 *
 * @param name name of the experiment
 * @param backend name of the backend
 * @param device device of the backend
 * @param threads threads of the backend; absent: the number of processors
 * @param model settings of the backend's model
 * @param data the source of the pairs and their tokenization
 * @param objective the loss to minimise
 * @param reference a reference of its own or one that follows the policy; absent: the initial policy
 * @param method how the policy is updated; absent: the objective on the preferences
 * @param optimizer AdamW and the clipping of its gradient
 * @param schedule learning rate per step
 * @param training batches, order, evaluation, checkpoints
 * @param metrics metrics in addition to the built-in ones
 * @param seed seed of every random stream of the run
 */
public record ExperimentConfig(
        @Setting(about = "name of the experiment, for folders and titles")
        String name,

        @Setting(about = "torch or tabular") String backend,

        @Setting(about = "cpu, cuda or cuda:N", byDefault = "cpu")
        String device,

        @Setting(about = "threads of the backend; absent: one per processor")
        Optional<Integer> threads,

        @Setting(about = "settings of the backend's model", byDefault = "{}")
        Record model,

        @Setting(about = "preference pairs") DataConfig data,

        @Setting(about = "the loss to minimise", byDefault = "{}")
        ObjectiveConfig objective,

        @Setting(
                about = "a fixed reference of its own ({path: DIR}), or one that follows the policy (TR-DPO); absent:"
                        + " the initial policy")
        Optional<ReferenceConfig> reference,

        @Setting(
                about = "how the policy is updated: {type: ppo, …}, rloo or rlhf learn from a reward, and preferences"
                        + " records its budget; absent: the objective on the preferences")
        Optional<TrainingMethod> method,

        @Setting(about = "AdamW") AdamW optimizer,

        @Setting(about = "learning rate schedule", byDefault = "{}")
        LearningRateSchedule schedule,

        @Setting(about = "batches, order, evaluation, checkpoints", byDefault = "{}")
        TrainingConfig training,

        @Setting(about = "custom metrics, by class name", byDefault = "[]")
        List<PreferenceMetric> metrics,

        @Setting(about = "seed of every random stream", byDefault = "1")
        long seed) {

    /** The name is part of a folder's name, which file systems limit to 255 bytes. */
    private static final int LONGEST_NAME = 150;

    public ExperimentConfig {
        // Checks of single keys come first: checks across keys need all of them to be valid.
        if (name.length() > LONGEST_NAME || !name.matches("[\\w.-]*\\w[\\w.-]*")) {
            throw new SettingException(
                    "name",
                    "must be letters, digits, '.', '_' or '-', at most " + LONGEST_NAME + " and not dots alone",
                    "\"" + MessageText.shortened(name) + "\"");
        }
        Execution.requireDevice(device);
        threads.ifPresent(count -> Requirement.atLeast("threads", count, 1));
        if (reference.isPresent() && !objective.loss().usesReference()) {
            throw new SettingException(
                    "reference",
                    "must be absent for an objective that uses no reference",
                    reference.get(),
                    "objective");
        }
        Optional<ReferenceConfig.Own> own = reference.flatMap(ReferenceConfig::own);
        if (own.isPresent() && !Keys.of(model.getClass()).contains("path")) {
            throw new SettingException(
                    "reference",
                    "must have no path for a backend whose models are not in folders (" + backend + ")",
                    own.get().path(),
                    "model");
        }
        boolean isOnPreferences =
                method.filter(each -> !(each instanceof OnPreferences)).isEmpty();
        if (!isOnPreferences && reference.flatMap(ReferenceConfig::updates).isPresent()) {
            throw new SettingException(
                    "reference", "must be fixed for a method that learns from a reward", "one that moves", "method");
        }
        if (!isOnPreferences && objective.sft().isPresent()) {
            throw new SettingException(
                    "objective.sft",
                    "must be absent for a method that learns from a reward",
                    "one",
                    "objective",
                    "method");
        }
        if (training.samples().isPresent() && data.evaluation().isEmpty()) {
            throw new SettingException(
                    "training.samples",
                    "must be absent without data.evaluation, whose prompts are continued",
                    training.samples().get().prompts() + " prompts",
                    "training",
                    "data");
        }
    }

    /** The settings of {@link dpo.train.TrainingLoop}. */
    public TrainingSettings trainingSettings() {
        return new TrainingSettings(
                objective.loss(),
                objective
                        .sft()
                        .filter(term -> term.data().isPresent())
                        .map(term -> new TrainingSettings.Sft(term.loss(), objective.sftWeight())),
                optimizer,
                schedule,
                training.epochs(),
                training.maxSteps(),
                training.batchSize(),
                training.microBatches(),
                training.order(),
                training.evaluateEvery(),
                training.evaluateAtStart(),
                training.best(),
                metrics,
                reference.flatMap(ReferenceConfig::updates),
                method,
                seed);
    }

    /** The folders of a reference of its own; empty if the reference begins as the policy. */
    public Optional<ReferenceConfig.Own> ownReference() {
        return reference.flatMap(ReferenceConfig::own);
    }

    /** Whether the reference is a model that is open during training, in addition to the policy. */
    public boolean needsReferenceModel() {
        return ownReference().isPresent() || trainingSettings().needsSecondModel();
    }

    /** This configuration with another model. */
    public ExperimentConfig with(Record other) {
        return new ExperimentConfig(
                name, backend, device, threads, other, data, objective, reference, method, optimizer, schedule,
                training, metrics, seed);
    }

    /** This configuration with other data. */
    public ExperimentConfig with(DataConfig other) {
        return new ExperimentConfig(
                name, backend, device, threads, model, other, objective, reference, method, optimizer, schedule,
                training, metrics, seed);
    }

    /** This configuration on another device or with another number of threads. */
    public ExperimentConfig on(String otherDevice, Optional<Integer> otherThreads) {
        return new ExperimentConfig(
                name,
                backend,
                otherDevice,
                otherThreads,
                model,
                data,
                objective,
                reference,
                method,
                optimizer,
                schedule,
                training,
                metrics,
                seed);
    }

    /** This configuration with other batches. */
    public ExperimentConfig with(TrainingConfig other) {
        return new ExperimentConfig(
                name, backend, device, threads, model, data, objective, reference, method, optimizer, schedule, other,
                metrics, seed);
    }

    /** Device and threads, the latter resolved on this machine. */
    public Execution execution() {
        return new Execution(
                device, threads.orElseGet(() -> Runtime.getRuntime().availableProcessors()));
    }
}
