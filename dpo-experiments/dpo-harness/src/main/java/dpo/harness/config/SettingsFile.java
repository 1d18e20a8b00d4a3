package dpo.harness.config;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A record of settings in a YAML file of its own, read by the rules of an experiment's file: keys are the components in
 * snake_case, and every error has its place. A component of type {@link SettingValue} takes any
 * value.
 *
 * @param <T> the record
 */
public final class SettingsFile<T extends Record> {

    private static final Map<Class<?>, Codec<?>> CODECS = Map.of(SettingValue.class, new AnyValue());

    private final ConfigNode.Mapping root;
    private final T settings;
    private final List<ConfigError> errors;

    private SettingsFile(ConfigNode.Mapping root, Class<T> type, List<ConfigError> errors) {
        this.root = root;
        this.settings = new Binder(CODECS, root).bind(type);
        this.errors = List.copyOf(errors);
    }

    /**
     * Reads a file. Invalid entries are left out and are its {@link #errors}, so that the caller can check the others and
     * report all errors at once.
     *
     * @throws ConfigException with all errors, if the file is no mapping or there are no settings without these entries
     */
    public static <T extends Record> SettingsFile<T> read(Path file, Class<T> type) {
        ConfigNode.Mapping root = YamlReader.readFile(file);
        try {
            return new SettingsFile<>(root, type, List.of());
        } catch (ConfigException invalid) {
            Set<Place> wrong = invalid.errors().stream().map(ConfigError::place).collect(Collectors.toSet());
            try {
                return new SettingsFile<>(without(wrong, root), type, invalid.errors());
            } catch (ConfigException others) {
                invalid.addSuppressed(others);
                throw invalid;
            }
        }
    }

    /** The mapping without the entries that have an error in their value, or in an item of it. */
    private static ConfigNode.Mapping without(Set<Place> wrong, ConfigNode.Mapping mapping) {
        Map<String, ConfigNode> rest = new LinkedHashMap<>();
        mapping.entries().forEach((key, value) -> {
            if (!isWrong(wrong, value)) {
                rest.put(key, value instanceof ConfigNode.Mapping inner ? without(wrong, inner) : value);
            }
        });
        return new ConfigNode.Mapping(mapping.place(), rest);
    }

    private static boolean isWrong(Set<Place> wrong, ConfigNode value) {
        return wrong.contains(value.place())
                || (value instanceof ConfigNode.Sequence sequence
                        && sequence.items().stream().anyMatch(item -> isWrong(wrong, item)));
    }

    /** The defaults of a record whose keys all have one. */
    public static <T extends Record> SettingsFile<T> byDefault(Class<T> type) {
        Place place = new Place("defaults", 0, 0, Path.of("").toAbsolutePath());
        return new SettingsFile<>(new ConfigNode.Mapping(place, Map.of()), type, List.of());
    }

    /** The settings, of the valid entries. */
    public T settings() {
        return settings;
    }

    /** The errors of the entries that are left out: of keys, types and values that the record refuses. */
    public List<ConfigError> errors() {
        return errors;
    }

    /**
     * The error that a name in the file is unknown, with the nearest known ones.
     *
     * @param path keys, and indices of lists, that lead to the name or its value
     * @param problem what is wrong, before the suggestion: "must be a metric, got x"
     */
    public ConfigError unknown(List<String> path, String problem, String given, Collection<String> known) {
        ConfigNode node = root;
        String name = "";
        for (String key : path) {
            name = node instanceof ConfigNode.Sequence ? name + "[" + key + "]" : Binder.join(name, key);
            node = child(node, key);
        }
        return ConfigError.unknown(name, problem, given, known, node.place());
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
