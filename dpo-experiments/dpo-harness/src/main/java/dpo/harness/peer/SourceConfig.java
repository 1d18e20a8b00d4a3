package dpo.harness.peer;

import dpo.harness.config.ConfigError;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ConfigNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A configuration of another system during its translation. Reading a key by its dotted path marks it as known; keys
 * that are still unread at the end are errors. Collects errors and notes.
 */
final class SourceConfig {

    private final ConfigNode.Mapping root;
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> withoutMeaning = new LinkedHashSet<>();
    private final List<ConfigError> errors = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    SourceConfig(ConfigNode.Mapping root) {
        this.root = root;
    }

    /** Whether the key has a value other than null. */
    boolean has(String path) {
        return find(path).isPresent();
    }

    /** Whether the key is present with the value null. */
    boolean isNull(String path) {
        return written(path).filter(SourceConfig::isNull).isPresent();
    }

    /** The value at a path; empty if absent or null. */
    Optional<ConfigNode> find(String path) {
        return written(path).filter(node -> !isNull(node));
    }

    private Optional<ConfigNode> written(String path) {
        known.add(path);
        ConfigNode node = root;
        for (String key : path.split("\\.", -1)) {
            if (!(node instanceof ConfigNode.Mapping mapping)
                    || !mapping.entries().containsKey(key)) {
                return Optional.empty();
            }
            node = mapping.entries().get(key);
        }
        return Optional.of(node);
    }

    private static boolean isNull(ConfigNode node) {
        return node instanceof ConfigNode.Scalar scalar && scalar.value() == ConfigNode.Nothing.NULL;
    }

    double number(String path, double byDefault) {
        return find(path).flatMap(node -> number(path, node)).orElse(byDefault);
    }

    /** A node as a number, or an error. */
    Optional<Double> number(String path, ConfigNode node) {
        return node.plain() instanceof Number number
                ? Optional.of(number.doubleValue())
                : error(path, "must be a number, got " + node.text());
    }

    long whole(String path, long byDefault) {
        return read(path, byDefault, "a whole number", value -> value instanceof Long number ? number : null);
    }

    boolean flag(String path, boolean byDefault) {
        return read(path, byDefault, "true or false", value -> value instanceof Boolean flag ? flag : null);
    }

    String text(String path, String byDefault) {
        // A name that YAML reads as another type, such as a folder 2024, is still a name.
        return read(
                path,
                byDefault,
                "text",
                value -> value instanceof Map || value instanceof List ? null : value.toString());
    }

    private <T> T read(String path, T byDefault, String kind, Function<Object, @Nullable T> as) {
        Optional<ConfigNode> node = find(path);
        Optional<T> value = node.map(ConfigNode::plain).map(as);
        if (node.isPresent() && value.isEmpty()) {
            error(path, "must be " + kind + ", got " + node.get().text());
        }
        return value.orElse(byDefault);
    }

    /** Marks keys, with all below them, that have no counterpart here; one note lists those that are present. */
    void withoutMeaning(Collection<String> paths) {
        paths.stream().filter(this::has).forEach(withoutMeaning::add);
    }

    /** Reads an unsupported key; any value but its neutral one adds a note. */
    void unsupported(String path, Object neutral, String why) {
        find(path).filter(node -> !node.plain().equals(neutral)).ifPresent(node -> unsupported(path, why));
    }

    /** Adds a note that a setting is not supported. */
    void unsupported(String path, String why) {
        note("not supported: " + path + " " + find(path).map(ConfigNode::text).orElse("(its default)") + ": " + why);
    }

    void note(String note) {
        notes.add(note);
    }

    /** Reports an error at a key; returns empty. */
    <T> Optional<T> error(String path, String problem) {
        errors.add(new ConfigError(path, problem, find(path).orElse(root).place()));
        return Optional.empty();
    }

    /** Reports an unknown value. */
    void unknownValue(String path, String given, Collection<String> values) {
        errors.add(ConfigError.unknown(
                path,
                "must be a known name, got " + given,
                given,
                values,
                find(path).orElse(root).place()));
    }

    /**
     * A file or folder in the source. A path becomes absolute, since other systems resolve against the working folder;
     * a name on a hub becomes a placeholder with a note.
     *
     * @param named the path or name in the source
     * @param key the key of the path in the translation
     * @param suffix end of the placeholder
     */
    String place(String named, String key, String suffix) {
        try {
            if (named.startsWith("/")
                    || named.startsWith("./")
                    || named.startsWith("../")
                    || Files.exists(Path.of(named))) {
                return Path.of(named).toAbsolutePath().normalize().toString();
            }
        } catch (InvalidPathException e) {
            error(key, "must be a path or a name on a hub, got " + named + ": " + e.getReason());
        }
        note("point " + key + " at a copy of " + named + " on this machine: a name on a hub is not downloaded");
        return "PATH-TO/" + named + suffix;
    }

    /**
     * The translation.
     *
     * @throws ConfigException with all errors, including unread keys
     */
    Translation translation(String origin, Map<String, Object> tree) {
        unknownKeys(root, "");
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        if (!withoutMeaning.isEmpty()) {
            note("ignored, no counterpart here: " + String.join(", ", withoutMeaning));
        }
        return new Translation(origin, tree, notes);
    }

    private void unknownKeys(ConfigNode.Mapping mapping, String path) {
        String prefix = path.isEmpty() ? "" : path + ".";
        mapping.entries().forEach((key, value) -> {
            String at = prefix + key;
            boolean isSection = known.stream().anyMatch(name -> name.startsWith(at + "."));
            if (withoutMeaning.contains(at)) {
                return;
            }
            if (isSection && value instanceof ConfigNode.Mapping section) {
                unknownKeys(section, at);
            } else if (!known.contains(at) && !(isSection && isNull(value))) {
                errors.add(ConfigError.unknown(at, "is not a key here", key, siblings(prefix), value.place()));
            }
        });
    }

    private Set<String> siblings(String prefix) {
        Set<String> names = new TreeSet<>();
        known.stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> names.add(name.substring(prefix.length()).split("\\.", -1)[0]));
        return names;
    }
}
