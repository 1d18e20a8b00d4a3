package dpo.harness.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one of several record types, which a key of the mapping names by its type or by the name of a user's class.
 *
 * @param <T> their common type
 */
final class ChoiceCodec<T> implements Codec<T> {

    private final String key;
    private final Class<T> common;
    private final Map<String, Class<? extends T>> known;
    private final Optional<String> byDefault;

    ChoiceCodec(String key, Class<T> common, Map<String, Class<? extends T>> known, Optional<String> byDefault) {
        this.key = key;
        this.common = common;
        this.known = known;
        this.byDefault = byDefault;
    }

    @Override
    public Optional<T> read(ConfigNode node, String path, Binder binder) {
        return read(node, path, binder, Set.of());
    }

    /** Like {@link #read(ConfigNode, String, Binder)}; the caller reads the keys in {@code ignored}. */
    Optional<T> read(ConfigNode node, String path, Binder binder, Set<String> ignored) {
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            return binder.error(path, "must be a mapping with the key " + key + ", got " + node.text(), node.place());
        }
        ConfigNode choice = mapping.entries().containsKey(key) || byDefault.isEmpty()
                ? mapping.entries().get(key)
                : new ConfigNode.Scalar(node.place(), byDefault.get());
        if (choice == null) {
            return binder.error(
                    Binder.join(path, key), "must be given (" + String.join(", ", known.keySet()) + ")", node.place());
        }
        if (!(choice instanceof ConfigNode.Scalar scalar && scalar.value() instanceof String name)) {
            return binder.error(Binder.join(path, key), "must be a name, got " + choice.text(), choice.place());
        }
        Optional<Class<?>> type = type(name);
        if (type.isEmpty()) {
            return binder.error(
                    Binder.join(path, key),
                    name.contains(".")
                            ? "must be a class on the class path (DPO_CLASSPATH adds jars and folders to it), got "
                                    + MessageText.shortened(name)
                            : "must be a known name or a class on the class path, got " + MessageText.shortened(name)
                                    + Keys.suggestion(name, known.keySet()),
                    choice.place());
        }
        if (!common.isAssignableFrom(type.get()) || !type.get().isRecord()) {
            return binder.error(
                    Binder.join(path, key),
                    "must be a record class that implements " + common.getName() + ", got " + name,
                    choice.place());
        }
        Set<String> others = new HashSet<>(ignored);
        others.add(key);
        return binder.record(mapping, path, type.get().asSubclass(Record.class), others)
                .map(common::cast);
    }

    @Override
    public Map<String, Object> write(T value, ConfigWriter writer) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put(key, nameOf(value));
        plain.putAll(writer.record((Record) value));
        return plain;
    }

    /** Loads a class without initialising it, so that no code of a class of the wrong type runs. */
    private Optional<Class<?>> type(String name) {
        Class<?> type = known.get(name);
        if (type != null) {
            return Optional.of(type);
        }
        try {
            return Optional.of(Class.forName(name, false, ChoiceCodec.class.getClassLoader()));
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }

    private String nameOf(T value) {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue() == value.getClass())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> value.getClass().getName());
    }
}
