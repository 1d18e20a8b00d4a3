package dpo.harness.config;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A record of settings in a YAML file of its own, read by the rules of an experiment's file: keys are the components in
 * snake_case, and all errors are reported at once, each with its place. A component of type {@link SettingValue} takes any
 * value.
 *
 * @param <T> the record
 */
public final class SettingsFile<T extends Record> {

    private static final Map<Class<?>, Codec<?>> CODECS = Map.of(SettingValue.class, new AnyValue());

    private final ConfigNode.Mapping root;
    private final T settings;

    private SettingsFile(ConfigNode.Mapping root, Class<T> type) {
        this.root = root;
        this.settings = new Binder(CODECS, root).bind(type);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException with all errors
     */
    public static <T extends Record> SettingsFile<T> read(Path file, Class<T> type) {
        return new SettingsFile<>(YamlReader.readFile(file), type);
    }

    /** The defaults of a record whose keys all have one. */
    public static <T extends Record> SettingsFile<T> byDefault(Class<T> type) {
        Place place = new Place("defaults", 0, 0, Path.of("").toAbsolutePath());
        return new SettingsFile<>(new ConfigNode.Mapping(place, Map.of()), type);
    }

    /** The settings. */
    public T settings() {
        return settings;
    }

    /**
     * The error that a name in the file is unknown, with the nearest known ones.
     *
     * @param path keys, and indices of lists, that lead to the name or its value
     * @param problem what is wrong, before the suggestion: "must be a metric, got x"
     */
    public ConfigError unknown(List<String> path, String problem, String given, Collection<String> known) {
        ConfigNode node = root;
        for (String key : path) {
            node = child(node, key);
        }
        return ConfigError.unknown(String.join(".", path), problem, given, known, node.place());
    }

    private static ConfigNode child(ConfigNode node, String key) {
        if (node instanceof ConfigNode.Mapping mapping) {
            return mapping.entries().getOrDefault(key, node);
        }
        return node instanceof ConfigNode.Sequence sequence ? sequence.items().get(Integer.parseInt(key)) : node;
    }

    private static final class AnyValue implements Codec<SettingValue> {

        @Override
        public Optional<SettingValue> read(ConfigNode node, String path, Binder binder) {
            return Optional.of(SettingValue.of(ExperimentFile.recorded(node)));
        }

        @Override
        public Object write(SettingValue value, ConfigWriter writer) {
            return value.text();
        }
    }
}
