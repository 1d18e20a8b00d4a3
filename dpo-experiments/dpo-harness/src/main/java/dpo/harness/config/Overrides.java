package dpo.harness.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Overrides of a file's values on the command line.
 *
 * @param given {@code key=value} texts: a dotted path, and YAML
 */
record Overrides(List<String> given) {

    private static final String SWEEP = "sweep";
    private static final Path WORKING_FOLDER = Path.of("").toAbsolutePath();

    /**
     * Applies the overrides to a mapping, in order.
     *
     * @throws ConfigException if one is malformed, or would undo an earlier one
     */
    ConfigNode.Mapping over(ConfigNode.Mapping root) {
        Map<String, String> earlier = new LinkedHashMap<>();
        ConfigNode.Mapping changed = root;
        for (String override : given) {
            int equals = override.indexOf('=');
            Place place = new Place("--set " + override, 0, 0, WORKING_FOLDER);
            if (equals < 1) {
                throw new ConfigException(
                        new ConfigError("", "--set must be key=value, got " + MessageText.shortened(override), place));
            }
            String path = override.substring(0, equals);
            earlier.forEach((other, text) -> {
                if (other.equals(path) || other.startsWith(path + ".")) {
                    throw new ConfigException(new ConfigError(path, "must not undo --set " + text, place));
                }
            });
            earlier.put(path, override);
            ConfigNode value = YamlReader.read(override.substring(equals + 1), place.source(), WORKING_FOLDER);
            changed = with(changed, path, value);
        }
        return changed;
    }

    private static ConfigNode.Mapping with(ConfigNode.Mapping root, String path, ConfigNode value) {
        // An axis is one key of the sweep mapping; the key contains the dots.
        if (path.startsWith(SWEEP + ".")) {
            ConfigNode sweep = root.entries().getOrDefault(SWEEP, new ConfigNode.Mapping(value.place(), Map.of()));
            if (sweep instanceof ConfigNode.Mapping mapping) {
                Map<String, ConfigNode> changed = new LinkedHashMap<>(mapping.entries());
                changed.put(path.substring(SWEEP.length() + 1), value);
                return root.with(SWEEP, new ConfigNode.Mapping(mapping.place(), changed));
            }
        }
        return root.with(path, value);
    }
}
