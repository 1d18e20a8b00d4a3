package dpo.harness.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A node of a configuration tree, with its location in the file. Immutable. */
public sealed interface ConfigNode {

    /**
     * Parses YAML 1.2 (and so JSON); relative paths are resolved against the working folder.
     *
     * @param source origin of the text, for messages
     * @throws ConfigException if it is not YAML
     */
    static ConfigNode parse(String yaml, String source) {
        return YamlReader.read(yaml, source, Path.of("").toAbsolutePath());
    }

    /**
     * The mapping in a file.
     *
     * @throws ConfigException if the file is missing, is not YAML, or holds no mapping
     */
    static Mapping readFile(Path file) {
        return YamlReader.readFile(file);
    }

    /** The location of the value's first character. */
    Place place();

    /** The value as plain data: Map, List, String, Long, Double, Boolean; the empty string for null. */
    Object plain();

    /** The value as YAML, for messages; a long one is shortened. */
    default String text() {
        StringBuilder text = new StringBuilder();
        appendTo(text);
        return MessageText.shortened(text.toString());
    }

    /** Appends the value as YAML, until the text is longer than a message shows. */
    void appendTo(StringBuilder text);

    /** The same value in a file of another folder, against which relative paths are resolved. */
    ConfigNode within(Path folder);

    /**
     * A single value.
     *
     * @param value String, Long, Double or Boolean; {@link Nothing} for null
     */
    record Scalar(Place place, Object value) implements ConfigNode {

        @Override
        public Object plain() {
            return value == Nothing.NULL ? "" : value;
        }

        @Override
        public ConfigNode within(Path folder) {
            return new Scalar(place.within(folder), value);
        }

        @Override
        public void appendTo(StringBuilder text) {
            text.append(value instanceof String string ? '"' + string + '"' : value);
        }
    }

    /** The value of an empty or {@code null} scalar. */
    enum Nothing {
        NULL;

        @Override
        public String toString() {
            return "null";
        }
    }

    /** A list. */
    record Sequence(Place place, List<ConfigNode> items) implements ConfigNode {

        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public Object plain() {
            return items.stream().map(ConfigNode::plain).toList();
        }

        @Override
        public ConfigNode within(Path folder) {
            return new Sequence(
                    place.within(folder),
                    items.stream().map(item -> item.within(folder)).toList());
        }

        @Override
        public void appendTo(StringBuilder text) {
            String separator = "[";
            for (int i = 0; i < items.size() && text.length() <= MessageText.LONGEST; i++) {
                text.append(separator);
                items.get(i).appendTo(text);
                separator = ", ";
            }
            text.append(items.isEmpty() ? "[]" : "]");
        }
    }

    /** A mapping, in the order of the file. */
    record Mapping(Place place, Map<String, ConfigNode> entries) implements ConfigNode {

        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public Object plain() {
            Map<String, Object> plain = new LinkedHashMap<>();
            entries.forEach((key, value) -> plain.put(key, value.plain()));
            return plain;
        }

        @Override
        public ConfigNode within(Path folder) {
            Map<String, ConfigNode> moved = new LinkedHashMap<>();
            entries.forEach((key, value) -> moved.put(key, value.within(folder)));
            return new Mapping(place.within(folder), moved);
        }

        @Override
        public void appendTo(StringBuilder text) {
            String separator = "{";
            for (Map.Entry<String, ConfigNode> entry : entries.entrySet()) {
                if (text.length() > MessageText.LONGEST) {
                    return;
                }
                text.append(separator).append(entry.getKey()).append(": ");
                entry.getValue().appendTo(text);
                separator = ", ";
            }
            text.append(entries.isEmpty() ? "{}" : "}");
        }

        /** This mapping without one key. */
        public Mapping without(String key) {
            Map<String, ConfigNode> rest = new LinkedHashMap<>(entries);
            rest.remove(key);
            return new Mapping(place, rest);
        }

        /**
         * This mapping with the value at a dotted path replaced or added.
         *
         * @throws ConfigException if a node on the path is not a mapping, or the path is too deep
         */
        public Mapping with(String dottedPath, ConfigNode value) {
            List<String> path = new ArrayList<>(List.of(dottedPath.split("\\.", -1)));
            if (path.size() > YamlComposer.DEEPEST) {
                throw new ConfigException(new ConfigError(
                        dottedPath,
                        "must have at most " + YamlComposer.DEEPEST + " levels, got " + path.size(),
                        value.place()));
            }
            return with(path, dottedPath, value);
        }

        private Mapping with(List<String> path, String dottedPath, ConfigNode value) {
            Map<String, ConfigNode> changed = new LinkedHashMap<>(entries);
            String key = path.remove(0);
            if (path.isEmpty()) {
                changed.put(key, value);
            } else {
                ConfigNode child = entries.getOrDefault(key, new Mapping(value.place(), Map.of()));
                if (!(child instanceof Mapping mapping)) {
                    throw new ConfigException(new ConfigError(
                            dottedPath,
                            "must lead through mappings, got " + child.text() + " at " + key,
                            value.place()));
                }
                changed.put(key, mapping.with(path, dottedPath, value));
            }
            return new Mapping(place, changed);
        }
    }
}
