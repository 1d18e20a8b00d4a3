package dpo.harness.sweep;

import dpo.core.InvalidInputException;
import dpo.core.backend.Availability;
import dpo.core.backend.Policy;
import dpo.core.backend.ScalarModel;
import dpo.core.sequence.TokenSequence;
import dpo.data.tokenization.ExampleTokenizer;
import dpo.harness.cache.CacheFormat;
import dpo.harness.cache.InputCache;
import dpo.harness.cache.TokenCache;
import dpo.harness.config.BackendModel;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import dpo.harness.config.Halving;
import dpo.harness.config.ReferenceModel;
import dpo.harness.config.ResolvedConfig;
import dpo.harness.run.DataPreparation;
import dpo.harness.run.PreparedData;
import dpo.harness.store.Json;
import dpo.train.Models;
import dpo.train.TrainingData;
import dpo.train.TrainingMethod;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Checks before anything is written that every cell can run. It reads and tokenizes the data and opens the models, each
 * once for all cells that share it.
 */
public final class Planner {

    private static final long MOST_PASSES = 100_000_000;

    /** The code that reads and tokenizes. */
    private static final Map<Class<?>, String> PREPARATION = Map.of(
            ExampleTokenizer.class, "dpo.data",
            TokenSequence.class, TokenSequence.class.getPackageName(),
            TokenCache.class, TokenCache.class.getPackageName(),
            DataPreparation.class, DataPreparation.class.getPackageName());

    private final Backends backends;
    private final InputCache cache;
    private final Placement placement;
    private final DataPreparation preparation;
    private final CodeVersion version = new CodeVersion();
    private final Map<Object, ModelFacts> models = new LinkedHashMap<>();

    /** A planner that reads all inputs. */
    public Planner(Backends backends) {
        this(backends, InputCache.none());
    }

    /** @param cache has what earlier plans read */
    public Planner(Backends backends, InputCache cache) {
        this(backends, cache, Placement.OF_CONFIG);
    }

    /**
     * @param cache has what earlier plans read
     * @param placement where the models are opened, which is no part of a run
     */
    public Planner(Backends backends, InputCache cache, Placement placement) {
        this.backends = backends;
        this.cache = cache;
        this.placement = placement;
        this.preparation =
                new DataPreparation(backends, new TokenCache(cache, () -> version.of(PREPARATION), backends));
    }

    /** Plans the runs of the given cells, which are all computed to their end. */
    public List<PlannedRun> plan(List<ExperimentFile.Cell> cells) {
        return plan(cells, Optional.empty());
    }

    /**
     * Plans the runs of the given cells, in order.
     *
     * @param halving how the sweep drops settings before their end; empty if it computes all
     * @throws InvalidInputException if the data or the model of a cell cannot be used, or with all problems of the cells as
     *     a sweep: a metric that their evaluations do not have, a rung without an evaluation, equal names
     */
    public List<PlannedRun> plan(List<ExperimentFile.Cell> cells, Optional<Halving> halving) {
        List<PlannedRun> runs = new ArrayList<>();
        for (ExperimentFile.Cell cell : cells) {
            ExperimentConfig config = cell.config();
            ModelFacts model = model(config);
            PreparedData data = preparation.prepare(config, model.tokenizer(), model.vocabularySize());
            requireLengths(data.tokens(), model.maxLength());
            requireSteps(config, data.tokens());
            Optional<ModelFacts> reference = ReferenceModel.of(config, backends).map(this::model);
            reference.ifPresent(other -> requireReferenceFits(model, other, data.tokens()));
            runs.add(new PlannedRun(
                    cell.settings(),
                    config,
                    data,
                    model.maxLength(),
                    Identity.of(
                            config,
                            data,
                            model.fingerprint(),
                            reference.map(ModelFacts::fingerprint),
                            backends,
                            version)));
        }
        Set<String> problems = new LinkedHashSet<>(PlannedRun.equalNames(runs));
        problems.addAll(
                UnknownMetrics.of(runs, halving, run -> model(run.config()).world()));
        halving.ifPresent(given -> problems.addAll(SuccessiveHalving.problems(given, runs)));
        if (!problems.isEmpty()) {
            throw new InvalidInputException(String.join("\n", problems));
        }
        return runs;
    }

    /** Where the models are opened. */
    Placement placement() {
        return placement;
    }

    /** See {@link Identity#backendHash}. */
    String backendHash(ExperimentConfig config) {
        // On the device of the configuration: equal devices share their numbers.
        return Identity.backendHash(BackendModel.of(backends, config), placement.on(config.device(), config), version);
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

    /** Opens the policy of a configuration. */
    public Policy open(ExperimentConfig config) {
        return open(config, model -> model.open(config));
    }

    /**
     * Opens a model. One at a time, because a backend may change settings of the whole process when it opens one.
     *
     * @throws InvalidInputException if it cannot be opened
     */
    private synchronized <T> T open(ExperimentConfig config, Function<BackendModel<?>, T> opening) {
        BackendModel<?> model = BackendModel.of(backends, config);
        try {
            if (model.backend().availability(config.device()) instanceof Availability.Missing missing) {
                throw new InvalidInputException("backend must be available on device " + config.device() + ", got "
                        + config.backend() + ": " + missing.reason());
            }
            return opening.apply(model);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new InvalidInputException("model cannot be opened: " + e.getMessage(), e);
        }
    }

    /**
     * Opens all models of a training: the policy; its reference, unless stored log-probabilities suffice; and the scalar
     * models of its method.
     */
    Models openAll(ExperimentConfig config) {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            Policy policy = opened(open(config), opened);
            Optional<Policy> reference = config.needsReferenceModel()
                    ? Optional.of(opened(openReference(config), opened))
                    : Optional.empty();
            Map<String, ScalarModel> scalars = new TreeMap<>();
            config.method()
                    .map(TrainingMethod::scalarModels)
                    .orElse(List.of())
                    .forEach(
                            name -> scalars.put(name, opened(open(config, model -> model.openScalar(config)), opened)));
            return new Models(policy, reference, scalars);
        } catch (RuntimeException failure) {
            opened.forEach(model -> close(model, failure));
            throw failure;
        }
    }

    private static <T extends AutoCloseable> T opened(T model, Deque<AutoCloseable> opened) {
        opened.push(model);
        return model;
    }

    private static void close(AutoCloseable model, RuntimeException failure) {
        try {
            model.close();
        } catch (Exception another) {
            failure.addSuppressed(another);
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

    private ModelFacts model(ExperimentConfig ofRun) {
        ExperimentConfig config = placement.onFirst(ofRun);
        boolean isStored = BackendModel.of(backends, config).isStored();
        Object key = List.of(config.backend(), config.model(), config.execution(), isStored ? "any" : config.seed());
        return models.computeIfAbsent(key, k -> isStored ? stored(config) : opened(config));
    }

    private ModelFacts opened(ExperimentConfig config) {
        try (Policy policy = open(config)) {
            return ModelFacts.of(policy);
        }
    }

    /** Of a model in files that are unchanged since it was last opened, without opening it. */
    private ModelFacts stored(ExperimentConfig config) {
        return open(
                config,
                model -> cache.get(
                        "models", () -> modelKey(config), CacheFormat.json(ModelFacts.class), () -> opened(config)));
    }

    private String modelKey(ExperimentConfig config) {
        List<Object> key = new ArrayList<>();
        Map<String, Object> settings = ResolvedConfig.plain(config.model(), backends, path -> {
            key.add(cache.at(path, name -> true));
            return path;
        });
        key.addAll(List.of(config.backend(), settings, backendHash(config)));
        return Json.line(key);
    }

    /** What earlier starts read. */
    InputCache cache() {
        return cache;
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

    private static void requireReferenceFits(ModelFacts policy, ModelFacts reference, TrainingData data) {
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
