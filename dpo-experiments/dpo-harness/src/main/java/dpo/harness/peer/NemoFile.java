package dpo.harness.peer;

import dpo.harness.config.ConfigError;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ConfigNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NeMo RL's extensions of YAML: {@code defaults} names files that are read first and overridden, {@code ${a.b}} refers
 * to the value at that path, {@code ${.a}} to a key of the same mapping, and each further dot to one level up.
 */
final class NemoFile {

    private static final String DEFAULTS = "defaults";
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(\\.*)([\\w.]+)}");
    private static final int DEEPEST = 16;
    private static final int MOST_FILES = 100;
    private static final int MOST_VALUES = 100_000;

    private final ConfigNode.Mapping root;
    private int files;
    private int values;

    private NemoFile(ConfigNode.Mapping root) {
        this.root = root;
    }

    /**
     * The whole configuration.
     *
     * @throws ConfigException if a file of {@code defaults} cannot be read, or files or references are cyclic
     */
    static ConfigNode.Mapping resolve(ConfigNode.Mapping root) {
        ConfigNode.Mapping merged = new NemoFile(root).withDefaults(root, 0);
        return (ConfigNode.Mapping) new NemoFile(merged).resolved(merged, "", 0);
    }

    private ConfigNode.Mapping withDefaults(ConfigNode.Mapping root, int depth) {
        ConfigNode named = root.entries().get(DEFAULTS);
        if (named == null) {
            return root;
        }
        ConfigNode.Mapping merged = root.without(DEFAULTS);
        List<ConfigNode> listed = named instanceof ConfigNode.Sequence list ? list.items() : List.of(named);
        for (int i = listed.size() - 1; i >= 0; i--) {
            Path file = file(listed.get(i));
            if (++files > MOST_FILES || depth == DEEPEST) {
                throw new ConfigException(new ConfigError(
                        DEFAULTS,
                        "must name at most " + MOST_FILES + " files in at most " + DEEPEST + " levels, got more",
                        listed.get(i).place()));
            }
            merged = merged(withDefaults(ConfigNode.readFile(file), depth + 1), merged);
        }
        return merged;
    }

    private static Path file(ConfigNode named) {
        try {
            return named.place().folder().resolve(String.valueOf(named.plain()));
        } catch (InvalidPathException e) {
            throw new ConfigException(new ConfigError(
                    DEFAULTS, "must be a path, got " + named.text() + ": " + e.getReason(), named.place()));
        }
    }

    private static ConfigNode.Mapping merged(ConfigNode.Mapping below, ConfigNode.Mapping above) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>(below.entries());
        above.entries()
                .forEach((key, value) -> entries.merge(
                        key,
                        value,
                        (old, own) ->
                                old instanceof ConfigNode.Mapping oldPart && own instanceof ConfigNode.Mapping ownPart
                                        ? merged(oldPart, ownPart)
                                        : own));
        return new ConfigNode.Mapping(above.place(), entries);
    }

    private ConfigNode resolved(ConfigNode node, String path, int depth) {
        if (++values > MOST_VALUES) {
            throw new ConfigException(new ConfigError(
                    path, "must hold at most " + MOST_VALUES + " values, references resolved, got more", node.place()));
        }
        if (node instanceof ConfigNode.Mapping mapping) {
            Map<String, ConfigNode> entries = new LinkedHashMap<>();
            mapping.entries()
                    .forEach((key, value) ->
                            entries.put(key, resolved(value, path.isEmpty() ? key : path + "." + key, depth)));
            return new ConfigNode.Mapping(mapping.place(), entries);
        }
        if (node instanceof ConfigNode.Sequence list) {
            return new ConfigNode.Sequence(
                    list.place(),
                    list.items().stream()
                            .map(item -> resolved(item, path, depth))
                            .toList());
        }
        Matcher reference = REFERENCE.matcher(String.valueOf(node.plain()));
        if (!reference.matches() || depth == DEEPEST) {
            return node;
        }
        String target = absolute(path, reference.group(1).length(), reference.group(2));
        ConfigNode found = new SourceConfig(root).find(target).orElse(node);
        return found == node ? node : at(resolved(found, target, depth + 1), node);
    }

    /** A value with the location of the reference to it, for messages. */
    private static ConfigNode at(ConfigNode value, ConfigNode reference) {
        return value instanceof ConfigNode.Scalar scalar
                ? new ConfigNode.Scalar(reference.place(), scalar.value())
                : value;
    }

    private static String absolute(String path, int dots, String name) {
        if (dots == 0) {
            return name;
        }
        String section = path;
        for (int i = 0; i < dots; i++) {
            section = section.contains(".") ? section.substring(0, section.lastIndexOf('.')) : "";
        }
        return section.isEmpty() ? name : section + "." + name;
    }
}
