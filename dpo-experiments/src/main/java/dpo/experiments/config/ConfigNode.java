package dpo.experiments.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A piece of configuration that knows where it was written. Immutable. */
public sealed interface ConfigNode {

    /**
     * The value in a piece of text, YAML 1.2 (and so JSON); relative paths in it are those of the working folder.
     *
     * @param source where the text comes from, for messages
     * @throws ConfigException where it is no YAML
     */
    static ConfigNode parse(String yaml, String source) {
        return YamlReader.read(yaml, source, Path.of("").toAbsolutePath());
    }

    /**
     * The mapping in a file.
     *
     * @throws ConfigException where the file is missing, is no YAML, or holds no mapping
     */
    static Mapping readFile(Path file) {
        return YamlReader.readFile(file);
    }

    /** Where the value begins. */
    Place place();

    /** The value as plain data: Map, List, String, Long, Double, Boolean; the empty string for null. */
    Object plain();

    /** The value as it would be written, for messages. */
    default String text() {
        return String.valueOf(plain());
    }

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
        public String text() {
            return value instanceof String string ? '"' + string + '"' : value.toString();
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
        public String text() {
            return items.stream().map(ConfigNode::text).collect(Collectors.joining(", ", "[", "]"));
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
        public String text() {
            return entries.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue().text())
                    .collect(Collectors.joining(", ", "{", "}"));
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
         * @throws ConfigException where the path leads through something that is not a mapping
         */
        public Mapping with(String dottedPath, ConfigNode value) {
            return with(new ArrayList<>(List.of(dottedPath.split("\\.", -1))), dottedPath, value);
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
                            dottedPath, "must lead through mappings, got " + child.text() + " at " + key, value.place()));
                }
                changed.put(key, mapping.with(path, dottedPath, value));
            }
            return new Mapping(place, changed);
        }
    }
}
