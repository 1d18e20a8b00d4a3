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
 * <p>{@code sweep:} maps dotted paths to lists of values; the cells are their Cartesian product, with the last axis
 * varying fastest. Axes are applied in the order of the file, so one may replace a whole section ({@code
 * objective.preference}) and a later one a key within it ({@code objective.preference.beta}). A value that is a mapping
 * may have a {@code sweep:} of its own, over its own keys: {@code {type: orpo, sweep: {lambda: [0.1, 0.3]}}} stands for
 * one value per cell of that sweep.
 */
public final class ExperimentFile {

    private static final String SWEEP = "sweep";
    private static final int MOST_CELLS = 10_000;

    private final String source;
    private final ConfigNode.Mapping base;
    private final Map<String, ConfigNode.Sequence> axes;
    private final Map<Class<?>, Codec<?>> codecs;

    private ExperimentFile(
            String source, ConfigNode.Mapping base, Map<String, ConfigNode.Sequence> axes, Backends backends) {
        this.source = source;
        this.base = base;
        this.axes = axes;
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
        Optional<ConfigNode> sweep = Optional.ofNullable(root.entries().get(SWEEP))
                .filter(node -> !node.equals(new ConfigNode.Scalar(node.place(), ConfigNode.Nothing.NULL)));
        String source = text
                + overrides.stream()
                        .map(override -> "\n# --set " + override.replaceAll("\\R", "\n#       ") + "\n")
                        .collect(Collectors.joining());
        Map<String, ConfigNode.Sequence> axes = sweep.map(ExperimentFile::axes).orElse(Map.of());
        requireCells(axes, sweep.orElse(root).place());
        return new ExperimentFile(source, root.without(SWEEP), axes, backends);
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

    private static void requireCells(Map<String, ConfigNode.Sequence> axes, Place place) {
        double cells =
                axes.values().stream().mapToDouble(axis -> axis.items().size()).reduce(1, (a, b) -> a * b);
        requireCells(cells, place);
    }

    private static void requireCells(double cells, Place place) {
        if (cells > MOST_CELLS) {
            throw new ConfigException(new ConfigError(
                    SWEEP,
                    "must have at most " + MOST_CELLS + " cells, got "
                            + (cells < Long.MAX_VALUE ? (long) cells : "more than 2^63"),
                    place));
        }
    }

    private static Map<String, ConfigNode.Sequence> axes(ConfigNode sweep) {
        if (!(sweep instanceof ConfigNode.Mapping mapping)) {
            throw new ConfigException(new ConfigError(
                    SWEEP, "must map dotted paths to lists of values, got " + sweep.text(), sweep.place()));
        }
        Map<String, ConfigNode.Sequence> axes = new LinkedHashMap<>();
        List<ConfigError> errors = new ArrayList<>();
        mapping.entries().forEach((path, given) -> {
            ConfigNode values = given instanceof ConfigNode.Sequence sequence ? expanded(sequence) : given;
            if (!(values instanceof ConfigNode.Sequence sequence)
                    || sequence.items().isEmpty()) {
                errors.add(new ConfigError(
                        SWEEP + "." + path,
                        "must be a list of at least one value, got " + values.text(),
                        values.place()));
            } else {
                long distinct = sequence.items().stream()
                        .map(item -> SettingValue.of(recorded(item)))
                        .distinct()
                        .count();
                if (distinct < sequence.items().size()) {
                    errors.add(new ConfigError(
                            SWEEP + "." + path, "must not repeat a value, got " + values.text(), values.place()));
                }
                axes.put(path, sequence);
            }
        });
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        return axes;
    }

    /** The values of an axis; a value with a sweep of its own is replaced by the cells of that sweep. */
    private static ConfigNode.Sequence expanded(ConfigNode.Sequence values) {
        List<ConfigNode> items = new ArrayList<>();
        for (ConfigNode value : values.items()) {
            if (value instanceof ConfigNode.Mapping mapping && mapping.entries().containsKey(SWEEP)) {
                ConfigNode.Mapping rest = mapping.without(SWEEP);
                Map<String, ConfigNode.Sequence> axes = axes(mapping.entries().get(SWEEP));
                requireCells(axes, mapping.place());
                for (Map<String, ConfigNode> point : points(axes)) {
                    ConfigNode.Mapping cell = rest;
                    for (Map.Entry<String, ConfigNode> key : point.entrySet()) {
                        cell = cell.with(key.getKey(), key.getValue());
                    }
                    items.add(cell);
                }
            } else {
                items.add(value);
            }
            requireCells(items.size(), values.place());
        }
        return new ConfigNode.Sequence(values.place(), items);
    }

    /** Whether the file has a {@code sweep:}. */
    public boolean isSweep() {
        return !axes.isEmpty();
    }

    /** The dotted paths of the axes, in the order of the file. */
    public List<String> axes() {
        return List.copyOf(axes.keySet());
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
        for (Map<String, ConfigNode> point : points(axes)) {
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

    private Cell cell(Map<String, ConfigNode> point) {
        ConfigNode.Mapping tree = base;
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        for (Map.Entry<String, ConfigNode> value : point.entrySet()) {
            tree = tree.with(value.getKey(), value.getValue());
            flatten(value.getKey(), value.getValue(), settings);
        }
        return new Cell(settings, new Binder(codecs, tree).bind(ExperimentConfig.class));
    }

    private static List<Map<String, ConfigNode>> points(Map<String, ConfigNode.Sequence> axes) {
        List<Map<String, ConfigNode>> points = new ArrayList<>(List.of(Map.of()));
        for (Map.Entry<String, ConfigNode.Sequence> axis : axes.entrySet()) {
            List<Map<String, ConfigNode>> longer = new ArrayList<>();
            for (Map<String, ConfigNode> point : points) {
                for (ConfigNode value : axis.getValue().items()) {
                    Map<String, ConfigNode> next = new LinkedHashMap<>(point);
                    next.put(axis.getKey(), value);
                    longer.add(next);
                }
            }
            points = longer;
        }
        return points;
    }

    private static void flatten(String path, ConfigNode value, Map<String, @Nullable Object> into) {
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

    /** Like {@link #resolved}, as plain data. */
    public static Map<String, Object> resolvedTree(ExperimentConfig config, Backends backends) {
        return new ConfigWriter(Codecs.all(backends)).record(config);
    }

    /** The model settings that are part of a run's identity, besides the model's fingerprint. */
    public static Map<String, Object> identifying(Record model, Backends backends) {
        return ConfigWriter.ofIdentity(Codecs.all(backends)).record(model);
    }
}
