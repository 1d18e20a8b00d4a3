package dpo.harness.config;

import dpo.core.backend.AdamW;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.loss.PreferenceLoss;
import dpo.core.setting.Requirement;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.TokenizationSettings;
import dpo.train.LearningRateSchedule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads single parts of a configuration from the command line, by the rules of a file. */
public final class ConfigValue {

    private final Binder binder;

    private ConfigValue() {
        ConfigNode.Mapping nothing =
                new ConfigNode.Mapping(new Place("", 0, 0, Path.of("").toAbsolutePath()), Map.of());
        this.binder = new Binder(Codecs.all(Backends.onClassPath()), nothing);
    }

    /**
     * Reads an objective on pairs.
     *
     * @param yaml as for {@link #objectiveSection}, without a data set D_SFT
     * @param source name of the option, for messages
     * @throws ConfigException with all errors
     */
    public static PreferenceLoss objective(String yaml, String source) {
        ObjectiveConfig section = objectiveSection(yaml, source);
        if (section.sft().flatMap(SftConfig::data).isPresent()) {
            Place place = new Place(source, 0, 0, Path.of("").toAbsolutePath());
            throw new ConfigException(
                    new ConfigError("sft.data", "must be absent if only pairs are evaluated, got " + yaml, place));
        }
        return section.loss();
    }

    /**
     * An objective.
     *
     * @param yaml a value of {@code objective.preference}, or a whole {@code objective} section
     * @param source origin, for messages
     * @throws ConfigException with all errors
     */
    public static ObjectiveConfig objectiveSection(String yaml, String source) {
        ConfigNode node = YamlReader.read(yaml, source, Path.of("").toAbsolutePath());
        Set<String> keys =
                node instanceof ConfigNode.Mapping mapping ? mapping.entries().keySet() : Set.of();
        boolean isSection = keys.stream().anyMatch(Keys.of(ObjectiveConfig.class)::contains);
        ConfigNode section = isSection ? node : new ConfigNode.Mapping(node.place(), Map.of("preference", node));
        return new ConfigValue().read(section, ObjectiveConfig.class);
    }

    /**
     * A reader of preferences.
     *
     * @param format its format
     * @param file its path
     * @param others further keys with their YAML
     * @throws ConfigException with all errors
     */
    public static PreferenceSource source(String format, Path file, Map<String, String> others) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("format", quoted(format));
        keys.put("path", quoted(file.toString()));
        others.forEach((key, yaml) -> {
            if (keys.putIfAbsent(key, yaml) != null) {
                Place place = new Place("command line", 0, 0, Path.of("").toAbsolutePath());
                throw new ConfigException(new ConfigError(key, "must be given once, got also " + yaml, place));
            }
        });
        return new ConfigValue().read(mapping(keys), PreferenceSource.class);
    }

    /**
     * How text becomes tokens.
     *
     * @param keys keys of the {@code data} section with their YAML
     * @throws ConfigException with all errors
     */
    public static TokenizationSettings tokenization(Map<String, String> keys) {
        return new ConfigValue().read(mapping(keys), TokenizationSettings.class);
    }

    /**
     * Given settings of tokenization with some keys replaced.
     *
     * @param keys keys of the {@code data} section with their YAML
     * @throws ConfigException with all errors
     */
    public static TokenizationSettings tokenization(TokenizationSettings given, Map<String, String> keys) {
        ConfigValue value = new ConfigValue();
        Map<String, Object> plain = new ConfigWriter(Codecs.all(Backends.onClassPath())).record(given);
        ConfigNode.Mapping all =
                (ConfigNode.Mapping) ConfigNode.parse(ConfigWriter.yaml(plain), "settings of tokenization");
        for (Map.Entry<String, ConfigNode> key : mapping(keys).entries().entrySet()) {
            all = all.with(key.getKey(), key.getValue());
        }
        return value.read(all, TokenizationSettings.class);
    }

    /**
     * A configuration of a model that is not trained.
     *
     * @param data evaluation sets; the training data are not read
     * @param batchSize preferences per forward pass, at least 1
     */
    public static ExperimentConfig ofModel(
            String backend, Execution execution, Record model, DataConfig data, int batchSize) {
        Requirement.atLeast("batch_size", batchSize, 1);
        Binder binder = new ConfigValue().binder;
        ConfigNode training = ConfigNode.parse("{batch_size: " + batchSize + "}", "batch size");
        return new ExperimentConfig(
                "model",
                backend,
                execution.device(),
                Optional.of(execution.threads()),
                model,
                data,
                objectiveSection("{}", "objective"),
                Optional.empty(),
                Optional.empty(),
                new AdamW(0, List.of(0.9, 0.999), 1e-8, 0, 1),
                new LearningRateSchedule(LearningRateSchedule.Type.CONSTANT, 0),
                (TrainingConfig) binder.readAll(training, TrainingConfig.class),
                List.of(),
                0);
    }

    /**
     * The settings of a model in a folder.
     *
     * @param dtype its dtype, if given
     * @param adapter folder of an adapter, if given
     * @throws ConfigException if the models of the backend have no such key
     */
    public static <M extends Record> M model(
            Backend<M> backend, Path folder, Optional<String> dtype, Optional<Path> adapter) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("path", quoted(folder.toString()));
        dtype.ifPresent(name -> keys.put("dtype", quoted(name)));
        adapter.ifPresent(path -> keys.put("adapter", "{path: " + quoted(path.toString()) + "}"));
        return new ConfigValue().read(mapping(keys), backend.modelSettings());
    }

    /**
     * Any record of settings.
     *
     * @param type the record, whose components are annotated with {@link dpo.core.setting.Setting}
     * @param keys its keys with their YAML; absent keys have their defaults
     * @throws ConfigException with all errors
     */
    public static <T extends Record> T settings(Class<T> type, Map<String, String> keys) {
        return new ConfigValue().read(mapping(keys), type);
    }

    /** The settings of a record by key, in the order of its components, as a configuration shows them. */
    public static Map<String, Object> written(Record settings) {
        return new ConfigWriter(Codecs.all(Backends.onClassPath())).record(settings);
    }

    private static ConfigNode.Mapping mapping(Map<String, String> keys) {
        Path workingFolder = Path.of("").toAbsolutePath();
        Map<String, ConfigNode> nodes = new LinkedHashMap<>();
        keys.forEach((key, yaml) -> nodes.put(key, YamlReader.read(yaml, key + "=" + yaml, workingFolder)));
        return new ConfigNode.Mapping(new Place("command line", 0, 0, workingFolder), nodes);
    }

    /** Quotes text, so that YAML reads it as a string. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private <T> T read(ConfigNode node, Class<T> type) {
        return type.cast(binder.readAll(node, type));
    }
}
