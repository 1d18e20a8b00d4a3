package dpo.harness.evaluation;

import dpo.core.InvalidInputException;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.data.tokenization.TokenizationSettings;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigValue;
import dpo.harness.config.DataConfig;
import dpo.harness.config.DataSource;
import dpo.harness.config.EvaluationSources;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.config.ReferenceConfig;
import dpo.harness.config.ReferenceModel;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.train.StepReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A policy to evaluate, with the settings of its evaluation.
 *
 * @param config opens the model; its data are the evaluation sets, tokenized by its settings, in its micro-batches; its
 *     training data are not read
 * @param weights folder of the trained weights of a run; empty for a model
 * @param step number of optimizer steps of the training; 0 for a model
 * @param carried state of the objective after the last step
 */
public record EvaluatedPolicy(ExperimentConfig config, Optional<Path> weights, int step, Map<String, Double> carried) {

    /**
     * The trained policy of a run.
     *
     * @param device another device than that of the run
     * @param threads another number of threads than that of the run
     * @throws InvalidInputException if the run is not completed, its model was not saved, or a file is damaged
     */
    public static EvaluatedPolicy ofRun(
            RunFolder folder, Backends backends, Optional<String> device, Optional<Integer> threads) {
        if (folder.record().isEmpty()) {
            throw damaged(folder);
        }
        RunRecord.Status status = folder.record().orElseThrow().status();
        if (status != RunRecord.Status.COMPLETED) {
            throw new InvalidInputException("run must be completed, got one that is "
                    + status.name().toLowerCase(Locale.ROOT) + " (" + folder.path() + ")");
        }
        if (!Files.isDirectory(folder.checkpoints().trained())) {
            throw new InvalidInputException("run must have saved its model in checkpoints/final, got none; see"
                    + " training.save_model (" + folder.path() + ")");
        }
        if (folder.damage(true).isPresent()) {
            throw damaged(folder);
        }
        ExperimentConfig config = ExperimentFile.read(folder.config(), List.of(), backends)
                .cells()
                .get(0)
                .config();
        List<StepReport> steps = folder.metrics();
        StepReport last = steps.get(steps.size() - 1);
        return new EvaluatedPolicy(
                config.on(device.orElse(config.device()), threads.or(config::threads)),
                Optional.of(folder.checkpoints().trained()),
                last.step(),
                last.carried());
    }

    private static InvalidInputException damaged(RunFolder folder) {
        return new InvalidInputException(
                "run must be undamaged, got: " + folder.damage(true).orElseThrow() + " (" + folder.path() + ")");
    }

    /**
     * A model in a folder, without data.
     *
     * @param batchSize preferences per forward pass
     */
    public static EvaluatedPolicy ofModel(Backend<?> backend, Record model, Execution execution, int batchSize) {
        DataConfig none = new DataConfig(
                new DataSource.World(1), Optional.empty(), Optional.empty(), TokenizationSettings.standard());
        return new EvaluatedPolicy(
                ConfigValue.ofModel(backend.name(), execution, model, none, batchSize), Optional.empty(), 0, Map.of());
    }

    /** Whether this is the policy of a run. */
    public boolean isRun() {
        return weights.isPresent();
    }

    /** The sources of the evaluation sets; none without any. */
    public EvaluationSources sources() {
        return config.data().evaluation().orElse(new EvaluationSources(Map.of()));
    }

    /**
     * This policy on other data.
     *
     * @param tokenization keys of the {@code data} section that differ, with their YAML
     */
    public EvaluatedPolicy on(EvaluationSources sources, Map<String, String> tokenization) {
        DataConfig data = config.data();
        DataConfig other = new DataConfig(
                data.train(),
                Optional.of(sources),
                data.tokenizer(),
                ConfigValue.tokenization(data.tokenization(), tokenization));
        return new EvaluatedPolicy(config.with(other), weights, step, carried);
    }

    /** The configuration of this policy with the model of a reference in folders. */
    public ExperimentConfig withReference(ReferenceConfig.Own folders, Backends backends) {
        return ReferenceModel.of(config, folders, backends);
    }

    /** The configuration that opens the reference of the run: its own, or the policy before training. */
    public Optional<ExperimentConfig> ownReference(Backends backends) {
        return Optional.of(ReferenceModel.of(config, backends).orElse(config)).filter(unused -> isRun());
    }
}
