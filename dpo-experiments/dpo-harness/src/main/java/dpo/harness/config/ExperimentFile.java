package dpo.harness.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file: an experiment, and the axes along which a sweep varies it.
 *
 * <p>{@code sweep:} maps axes to their values ({@link SweepAxes}); the cells are their Cartesian product, with the last
 * axis varying fastest. Axes are applied in the order of the file, so one may replace a whole section ({@code
 * objective.preference}) and a later one a key within it ({@code objective.preference.beta}).
 */
public final class ExperimentFile {

    private static final String HALVING = "halving";
    private static final String CLUSTER = "cluster";

    private final String source;
    private final ConfigNode.Mapping base;
    private final SweepAxes axes;
    private final Optional<Halving> halving;
    private final Optional<TaskResources> cluster;
    private final Map<Class<?>, Codec<?>> codecs;

    private ExperimentFile(String source, ConfigNode.Mapping root, SweepAxes axes, Backends backends) {
        this.source = source;
        this.base = root.without(SweepAxes.SWEEP).without(HALVING).without(CLUSTER);
        this.axes = axes;
        this.halving = section(root, axes, HALVING, Halving.class);
        this.cluster = section(root, axes, CLUSTER, TaskResources.class);
        this.codecs = Codecs.all(backends);
    }

    /**
     * One cell of a sweep.
     *
     * @param settings its values of the swept settings, by dotted path; nested values are flattened
     * @param config the complete configuration
     */
    public record Cell(Map<String, @Nullable Object> settings, ExperimentConfig config) {}

    /**
     * Reads a file.
     *
     * @param file YAML
     * @param overrides {@code key=value} texts; the key is a dotted path, the value YAML; relative paths in them are
     *     resolved against the working folder
     * @throws ConfigException if the file is not YAML mapping, an override or an axis is malformed, or a sweep has more
     *     than 10,000 cells
     */
    public static ExperimentFile read(Path file, List<String> overrides, Backends backends) {
        return of(YamlReader.text(file), file, overrides, backends);
    }

    /** Reads the text of a file. */
    static ExperimentFile of(String text, Path file, List<String> overrides, Backends backends) {
        ConfigNode.Mapping root = new Overrides(overrides).over(YamlReader.mapping(text, file));
        Optional<ConfigNode> sweep = Optional.ofNullable(root.entries().get(SweepAxes.SWEEP))
                .filter(node -> !node.equals(new ConfigNode.Scalar(node.place(), ConfigNode.Nothing.NULL)));
        String source = text
                + overrides.stream()
                        .map(override -> "\n# --set " + override.replaceAll("\\R", "\n#       ") + "\n")
                        .collect(Collectors.joining());
        SweepAxes axes = sweep.map(SweepAxes::of).orElseGet(SweepAxes::none);
        return new ExperimentFile(source, root, axes, backends);
    }

    /**
     * The values in a file by dotted path: a string, a number, a Boolean, a list, or null.
     *
     * @throws ConfigException if the file is not YAML mapping
     */
    public static Map<String, @Nullable Object> values(Path file) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        YamlReader.readFile(file).entries().forEach((key, value) -> flatten(key, value, values));
        return values;
    }

    /** The text of the file, with the overrides as comments. */
    public String source() {
        return source;
    }

    /** A section that belongs to a sweep rather than to its cells. */
    private static <T extends Record> Optional<T> section(
            ConfigNode.Mapping root, SweepAxes axes, String name, Class<T> type) {
        ConfigNode given = root.entries().get(name);
        if (given == null || given.equals(new ConfigNode.Scalar(given.place(), ConfigNode.Nothing.NULL))) {
            return Optional.empty();
        }
        if (!(given instanceof ConfigNode.Mapping section)) {
            throw new ConfigException(new ConfigError(name, "must be a mapping, got " + given.text(), given.place()));
        }
        if (axes.isEmpty()) {
            throw new ConfigException(
                    new ConfigError(name, "must be absent without a sweep, got " + section.text(), section.place()));
        }
        try {
            return Optional.of(new Binder(Map.of(), section).bind(type));
        } catch (ConfigException invalid) {
            throw new ConfigException(
                    invalid.errors().stream().map(error -> error.within(name)).toList());
        }
    }

    /** How the sweep drops settings before their end; empty if all are trained. */
    public Optional<Halving> halving() {
        return halving;
    }

    /** What a cell needs of a machine of a cluster. */
    public TaskResources cluster() {
        return cluster.orElse(TaskResources.BY_DEFAULT);
    }

    /** Whether the file has a {@code sweep:}. */
    public boolean isSweep() {
        return !axes.isEmpty();
    }

    /**
     * All cells; a single one without a sweep.
     *
     * @throws ConfigException with the errors of all cells, each once
     */
    public List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        Set<ConfigError> errors = new LinkedHashSet<>();
        List<Throwable> failures = new ArrayList<>();
        for (SweepAxes.Point point : axes.points()) {
            try {
                cells.add(cell(point));
            } catch (ConfigException e) {
                errors.addAll(e.errors());
                failures.addAll(List.of(e.getSuppressed()));
            }
            if (errors.size() > ConfigException.MOST_SHOWN) {
                break;
            }
        }
        if (!errors.isEmpty()) {
            throw new ConfigException(List.copyOf(errors), failures);
        }
        return cells;
    }

    private Cell cell(SweepAxes.Point point) {
        ConfigNode.Mapping tree = base;
        for (Map.Entry<String, ConfigNode> value : point.keys().entrySet()) {
            tree = tree.with(value.getKey(), value.getValue());
        }
        return new Cell(point.settings(), new Binder(codecs, tree).bind(ExperimentConfig.class));
    }

    /** Adds a value by dotted path, the leaves of a mapping each by its own. */
    static void flatten(String path, ConfigNode value, Map<String, @Nullable Object> into) {
        if (value instanceof ConfigNode.Mapping mapping && !mapping.entries().isEmpty()) {
            mapping.entries().forEach((key, inner) -> flatten(Binder.join(path, key), inner, into));
        } else {
            into.put(path, recorded(value));
        }
    }

    /** Converts a value to JSON: null stays null, and a number that is not finite becomes its YAML text. */
    static @Nullable Object recorded(ConfigNode value) {
        if (value instanceof ConfigNode.Sequence sequence) {
            List<@Nullable Object> items = new ArrayList<>();
            sequence.items().forEach(item -> items.add(recorded(item)));
            return items;
        } else if (value instanceof ConfigNode.Mapping mapping) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            mapping.entries().forEach((key, inner) -> entries.put(key, recorded(inner)));
            return entries;
        }
        Object scalar = ((ConfigNode.Scalar) value).value();
        if (scalar == ConfigNode.Nothing.NULL) {
            return null;
        }
        return scalar instanceof Double number && !Double.isFinite(number)
                ? SettingValue.of(number).text()
                : scalar;
    }

    /** A configuration as YAML with all defaults; reading it again gives an equal configuration. */
    public static String resolved(ExperimentConfig config, Backends backends) {
        return ConfigWriter.yaml(resolvedTree(config, backends));
    }

    /** Some top-level keys of {@link #resolved}. */
    public static String resolved(ExperimentConfig config, Backends backends, List<String> keys) {
        Map<String, Object> tree = new LinkedHashMap<>(resolvedTree(config, backends));
        tree.keySet().retainAll(keys);
        return ConfigWriter.yaml(tree);
    }

    /** Like {@link #resolved}, as plain data. */
    public static Map<String, Object> resolvedTree(ExperimentConfig config, Backends backends) {
        return new ConfigWriter(Codecs.all(backends)).record(config);
    }

    /** The model settings that are part of a run's identity, besides the model's fingerprint. */
    public static Map<String, Object> identifying(Record model, Backends backends) {
        return ConfigWriter.ofIdentity(Codecs.all(backends)).record(model);
    }
}
