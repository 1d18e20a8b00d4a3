package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.core.backend.Availability;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.config.ReferenceModel;
import dpo.harness.run.DataPreparation;
import dpo.harness.run.PreparedData;
import dpo.train.TrainingData;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Checks before anything is written that every cell can run. It reads and tokenizes the data and opens the models, each
 * once for all cells that share it.
 */
public final class Planner {

    private static final long MOST_PASSES = 100_000_000;

    private final Backends backends;
    private final DataPreparation preparation;
    private final CodeVersion version = new CodeVersion();
    private final Map<Object, Model> models = new LinkedHashMap<>();

    public Planner(Backends backends) {
        this.backends = backends;
        this.preparation = new DataPreparation(backends);
    }

    private record Model(
            String fingerprint, Optional<Path> tokenizer, int vocabularySize, int maxLength, List<String> notices) {}

    /**
     * Plans the runs of the given cells, in order.
     *
     * @throws InvalidInputException if the data or the model of a cell cannot be used
     */
    public List<PlannedRun> plan(List<ExperimentFile.Cell> cells) {
        List<PlannedRun> runs = new ArrayList<>();
        for (ExperimentFile.Cell cell : cells) {
            ExperimentConfig config = cell.config();
            Model model = model(config);
            PreparedData data = preparation.prepare(config, model.tokenizer(), model.vocabularySize());
            requireLengths(data.tokens(), model.maxLength());
            requireSteps(config, data.tokens());
            Optional<Model> reference = ReferenceModel.of(config, backends).map(this::model);
            reference.ifPresent(other -> requireReferenceFits(model, other, data.tokens()));
            runs.add(new PlannedRun(
                    cell.settings(),
                    config,
                    data,
                    Identity.of(
                            config, data, model.fingerprint(), reference.map(Model::fingerprint), backends, version)));
        }
        return runs;
    }

    /** See {@link Identity#backendHash}. */
    String backendHash(ExperimentConfig config) {
        return Identity.backendHash(BackendModel.of(backends, config), config, version);
    }

    /** The hash of each class file that affects the numbers of a run, by name. */
    SortedMap<String, String> classes(ExperimentConfig config) {
        return Identity.classes(config, backends, version);
    }

    /** Notices about the opened models, without repetitions. */
    public List<String> notices() {
        return models.values().stream()
                .flatMap(model -> model.notices().stream())
                .distinct()
                .toList();
    }

    /**
     * Opens the policy of a configuration. One at a time, because a backend may change settings of the whole process
     * when it opens one.
     */
    public synchronized Policy open(ExperimentConfig config) {
        BackendModel<?> model = BackendModel.of(backends, config);
        try {
            if (model.backend().availability(config.device()) instanceof Availability.Missing missing) {
                throw new InvalidInputException("backend must be available on device " + config.device() + ", got "
                        + config.backend() + ": " + missing.reason());
            }
            return model.open(config);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new InvalidInputException("model cannot be opened: " + e.getMessage(), e);
        }
    }

    /** The configuration with the model of its reference. */
    ExperimentConfig reference(ExperimentConfig config) {
        return ReferenceModel.of(config, backends).orElse(config);
    }

    /** Opens the model of the reference of a configuration. */
    Policy openReference(ExperimentConfig config) {
        return open(reference(config));
    }

    private Model model(ExperimentConfig config) {
        Object key = List.of(config.backend(), config.model(), config.execution(), config.seed());
        return models.computeIfAbsent(key, k -> {
            try (Policy policy = open(config)) {
                return new Model(
                        policy.fingerprint(),
                        policy.tokenizerFolder(),
                        policy.vocabularySize(),
                        policy.maxLength(),
                        policy.notices());
            }
        });
    }

    /**
     * Requires sequences that a model can score.
     *
     * @param maxLength the number of positions of the model
     * @throws InvalidInputException if one is longer
     */
    public static void requireLengths(TrainingData data, int maxLength) {
        data.preferences().forEach(preference -> preference
                .completions()
                .forEach(completion -> requireLength("pair " + preference.id(), completion, maxLength)));
        data.sft().forEach(sequence -> requireLength("objective.sft.data", sequence, maxLength));
    }

    private static void requireReferenceFits(Model policy, Model reference, TrainingData data) {
        SameTokens.require(
                policy.vocabularySize(), policy.tokenizer(), reference.vocabularySize(), reference.tokenizer());
        requireLengths(data, reference.maxLength());
    }

    /** Limits the number of steps, because the order of all epochs is drawn before the first. */
    private static void requireSteps(ExperimentConfig config, TrainingData data) {
        long passes = (long) config.training().epochs() * data.train().size();
        if (passes > MOST_PASSES) {
            throw new InvalidInputException(
                    "training.epochs times the number of training preferences must be at most " + MOST_PASSES + ", got "
                            + config.training().epochs() + " * " + data.train().size());
        }
    }

    private static void requireLength(String where, TokenSequence sequence, int maxLength) {
        if (sequence.length() > maxLength) {
            throw new InvalidInputException("sequences must be at most as long as the model's positions (" + maxLength
                    + "), got " + sequence.length() + " tokens (" + where + "); lower data.max_length");
        }
    }
}
