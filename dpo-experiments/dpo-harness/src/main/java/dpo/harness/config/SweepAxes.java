package dpo.harness.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The axes of a sweep. An axis is, under its name,
 *
 * <ul>
 *   <li>a list of values of the setting that the name is the dotted path of;
 *   <li>{@code {key: PATH, values: [...]}}: the same under a name of its own;
 *   <li>a list of {@code {label: TEXT, set: {PATH: VALUE, ...}}}: settings that change together;
 *   <li>{@code {random: N, over: {PATH: {low: …, high: …}}}} or {@code sobol}: a {@link SearchAxis}.
 * </ul>
 *
 * A value {@code {label: TEXT, value: …}} is shown by its label. A value that is a mapping may have a {@code sweep:} of
 * its own, over its own keys; beside {@code set} it is over paths of the configuration.
 */
final class SweepAxes {

    static final String SWEEP = "sweep";
    static final int MOST_CELLS = 10_000;

    private static final Set<String> LABELLED = Set.of("label", "value");
    private static final Set<String> TOGETHER = Set.of("label", "set");
    private static final Set<String> NAMED = Set.of("key", "values");

    private static final String SEED = "seed";

    /** Columns of results that are no settings. */
    private static final List<String> COLUMNS =
            List.of("id", "run", "status", "seconds", "error", "n", "failed", "step", "steps", "pair", "set");

    private final Map<String, List<Point>> axes = new LinkedHashMap<>();
    private final List<ConfigError> errors = new ArrayList<>();

    /**
     * A value of an axis, or of several axes together.
     *
     * @param keys the configuration keys that it sets, by dotted path, in order
     * @param settings its settings as names and tables show them
     */
    record Point(Map<String, ConfigNode> keys, Map<String, @Nullable Object> settings) {

        static final Point NONE = new Point(Map.of(), Map.of());

        Point and(Point other) {
            Map<String, ConfigNode> allKeys = new LinkedHashMap<>(keys);
            allKeys.putAll(other.keys);
            Map<String, @Nullable Object> all = new LinkedHashMap<>(settings);
            all.putAll(other.settings);
            return new Point(allKeys, all);
        }
    }

    private SweepAxes() {}

    /** No axes. */
    static SweepAxes none() {
        return new SweepAxes();
    }

    /**
     * Reads the axes.
     *
     * @throws ConfigException with all errors, or if there are more than 10,000 cells
     */
    static SweepAxes of(ConfigNode sweep) {
        if (!(sweep instanceof ConfigNode.Mapping mapping)) {
            throw new ConfigException(new ConfigError(
                    SWEEP, "must map dotted paths to lists of values, got " + sweep.text(), sweep.place()));
        }
        SweepAxes all = new SweepAxes();
        mapping.entries().forEach(all::read);
        all.requireDistinct(mapping);
        if (!all.errors.isEmpty()) {
            throw new ConfigException(all.errors);
        }
        requireCells(all.axes.values().stream().mapToDouble(List::size).reduce(1, (a, b) -> a * b), sweep.place());
        return all;
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

    boolean isEmpty() {
        return axes.isEmpty();
    }

    /** The cells: every combination of the axes' values, the last axis varying fastest. */
    List<Point> points() {
        List<Point> points = List.of(Point.NONE);
        for (List<Point> axis : axes.values()) {
            List<Point> longer = new ArrayList<>();
            points.forEach(point -> axis.forEach(value -> longer.add(point.and(value))));
            points = longer;
        }
        return points;
    }

    private void read(String name, ConfigNode given) {
        if (given instanceof ConfigNode.Mapping form && isSearch(form)) {
            axes.put(name, search(name, form));
            return;
        }
        ConfigNode values = given;
        String key = name;
        if (given instanceof ConfigNode.Mapping form && form.entries().keySet().equals(NAMED)) {
            values = form.entries().getOrDefault("values", given);
            if (form.entries().get("key") instanceof ConfigNode.Scalar path && path.value() instanceof String text) {
                key = text;
                requireOwnName(name, key, form);
            } else {
                errors.add(new ConfigError(SWEEP + "." + name + ".key", "must be a dotted path", form.place()));
            }
        }
        if (!(values instanceof ConfigNode.Sequence sequence)
                || sequence.items().isEmpty()) {
            errors.add(new ConfigError(
                    SWEEP + "." + name, "must be a list of at least one value, got " + values.text(), values.place()));
            return;
        }
        List<Point> points = new ArrayList<>();
        for (ConfigNode value : expanded(sequence)) {
            points.addAll(pointsOf(name, key, value));
        }
        Set<Map<String, SettingValue>> distinct = new LinkedHashSet<>();
        points.forEach(point -> distinct.add(shown(point)));
        if (distinct.size() < points.size()) {
            errors.add(new ConfigError(
                    SWEEP + "." + name, "must not repeat a value, got " + values.text(), values.place()));
        }
        axes.put(name, points);
    }

    private static Map<String, SettingValue> shown(Point point) {
        Map<String, SettingValue> shown = new LinkedHashMap<>();
        point.settings().forEach((path, value) -> shown.put(path, SettingValue.of(value)));
        return shown;
    }

    private static boolean isSearch(ConfigNode.Mapping form) {
        return form.entries().containsKey("random") || form.entries().containsKey("sobol");
    }

    private List<Point> search(String name, ConfigNode.Mapping form) {
        List<Point> points = new ArrayList<>();
        try {
            SearchAxis axis = new Binder(Map.of(), form).bind(SearchAxis.class);
            for (Map<String, Object> values : axis.points()) {
                Map<String, ConfigNode> keys = new LinkedHashMap<>();
                values.forEach((path, value) -> keys.put(path, new ConfigNode.Scalar(form.place(), value)));
                points.add(new Point(keys, new LinkedHashMap<>(values)));
            }
        } catch (ConfigException invalid) {
            invalid.errors().forEach(error -> errors.add(error.within(SWEEP + "." + name)));
        }
        return points;
    }

    /** The points of a value: one, or those of the sweep that a value of settings that change together has. */
    private List<Point> pointsOf(String name, String key, ConfigNode value) {
        if (value instanceof ConfigNode.Mapping mapping && isSwept(mapping)) {
            Point together = point(name, key, mapping.without(SWEEP));
            return of(Objects.requireNonNull(mapping.entries().get(SWEEP))).points().stream()
                    .map(together::and)
                    .toList();
        }
        return List.of(point(name, key, value));
    }

    private static boolean isSwept(ConfigNode.Mapping value) {
        return value.entries().containsKey("set") && value.entries().containsKey(SWEEP);
    }

    /** A value of an axis, with its label or the settings that it sets together, if it has any. */
    private Point point(String name, String key, ConfigNode value) {
        Map<String, ConfigNode> keys = new LinkedHashMap<>();
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        Optional<String> label = label(name, value);
        if (label.isPresent() && value instanceof ConfigNode.Mapping mapping) {
            settings.put(name, label.get());
            if (mapping.entries().get("set") instanceof ConfigNode.Mapping together) {
                keys.putAll(together.entries());
                requireOwnName(name, together.entries().containsKey(name) ? name : "", value);
            } else if (mapping.entries().containsKey("set")) {
                errors.add(new ConfigError(
                        SWEEP + "." + name, "set must map dotted paths to values, got " + value.text(), value.place()));
            } else {
                keys.put(key, mapping.entries().getOrDefault("value", value));
            }
        } else {
            keys.put(key, value);
            ExperimentFile.flatten(name, value, settings);
        }
        return new Point(keys, settings);
    }

    private Optional<String> label(String name, ConfigNode value) {
        if (!(value instanceof ConfigNode.Mapping mapping) || !mapping.entries().containsKey("label")) {
            return Optional.empty();
        }
        Set<String> form = mapping.entries().keySet();
        if ((form.equals(LABELLED) || form.equals(TOGETHER))
                && mapping.entries().get("label") instanceof ConfigNode.Scalar scalar
                && scalar.value() instanceof String label) {
            return Optional.of(label);
        }
        errors.add(new ConfigError(
                SWEEP + "." + name,
                "must have a label that is text, in quotes if it looks like a number, and value or set, got "
                        + value.text(),
                value.place()));
        return Optional.of("");
    }

    /** A name that is not the path of what the axis sets must not look like a path or a column of results. */
    private void requireOwnName(String name, String key, ConfigNode axis) {
        if (name.equals(key)) {
            return;
        }
        if (key.equals(SEED) || name.equals(SEED)) {
            errors.add(new ConfigError(
                    SWEEP + "." + name,
                    "must be named seed if and only if it sets seed, over which results are averaged, got "
                            + axis.text(),
                    axis.place()));
        } else if (name.matches(".*[./].*") || COLUMNS.contains(name.toLowerCase(Locale.ROOT))) {
            errors.add(new ConfigError(
                    SWEEP + "." + name,
                    "must be a name without dots and slashes that is no column of results " + COLUMNS + ", got " + name,
                    axis.place()));
        }
    }

    /** An axis may not replace what an earlier one sets: the results would show a value that no run had. */
    private void requireDistinct(ConfigNode.Mapping sweep) {
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, String> axisOf = new LinkedHashMap<>();
        axes.forEach((axis, points) -> {
            Set<String> paths = new LinkedHashSet<>();
            points.forEach(point -> paths.addAll(point.keys().keySet()));
            Set<String> clashes = new LinkedHashSet<>();
            Optional.ofNullable(names.put(axis.toLowerCase(Locale.ROOT), axis)).ifPresent(clashes::add);
            axisOf.forEach((earlier, other) -> paths.stream()
                    .filter(path -> (earlier + ".").startsWith(path + "."))
                    .forEach(path -> clashes.add(other)));
            clashes.forEach(other -> errors.add(new ConfigError(
                    SWEEP + "." + axis,
                    "must not replace settings or the name of an earlier axis, got those of " + other,
                    sweep.place())));
            paths.forEach(path -> axisOf.put(path, axis));
        });
    }

    /** The values of an axis; a value with a sweep of its own is replaced by the cells of that sweep. */
    private static List<ConfigNode> expanded(ConfigNode.Sequence values) {
        List<ConfigNode> items = new ArrayList<>();
        for (ConfigNode value : values.items()) {
            if (value instanceof ConfigNode.Mapping mapping
                    && mapping.entries().containsKey(SWEEP)
                    && !isSwept(mapping)) {
                ConfigNode.Mapping rest = mapping.without(SWEEP);
                for (Point point :
                        of(Objects.requireNonNull(mapping.entries().get(SWEEP))).points()) {
                    ConfigNode.Mapping cell = rest;
                    for (Map.Entry<String, ConfigNode> key : point.keys().entrySet()) {
                        cell = cell.with(key.getKey(), key.getValue());
                    }
                    items.add(cell);
                }
            } else {
                items.add(value);
            }
            requireCells(items.size(), values.place());
        }
        return items;
    }
}
