package dpo.harness.config;

import dpo.core.setting.Inlined;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Binds a {@link ConfigNode} tree to records: component names in snake_case are the keys, {@link Setting} gives
 * defaults.
 *
 * <p>Unknown keys, missing keys, wrong types and values that a record's constructor refuses are collected, so that all
 * errors of a file are reported at once. Component types: double, int, long, boolean, String, {@link Path} (resolved
 * against the folder of the file), enums, {@link OptionalTypes}, {@link List}, {@link Map} from names, records, and
 * the types that have a {@link Codec}.
 */
final class Binder {

    private static final Map<Class<?>, Object> STAND_INS =
            Map.of(double.class, 1.0, int.class, 1, long.class, 1L, boolean.class, false, String.class, "any");

    private final Map<Class<?>, Codec<?>> codecs;
    private final ConfigNode.Mapping root;
    private final List<ConfigError> errors = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final ScalarReader scalars = new ScalarReader(this);

    Binder(Map<Class<?>, Codec<?>> codecs, ConfigNode.Mapping root) {
        this.codecs = codecs;
        this.root = root;
    }

    /**
     * Binds the root mapping.
     *
     * @throws ConfigException with all errors
     */
    <T extends Record> T bind(Class<T> type) {
        return type.cast(readAll(root, type));
    }

    /**
     * Reads a value of any supported type.
     *
     * @throws ConfigException with all errors; exceptions of a user's constructors are suppressed ones
     */
    Object readAll(ConfigNode node, Class<?> type) {
        Optional<?> value = read(node, "", type);
        if (!errors.isEmpty()) {
            throw new ConfigException(errors, failures);
        }
        return value.orElseThrow();
    }

    /** The whole configuration, for codecs that depend on another key. */
    ConfigNode.Mapping root() {
        return root;
    }

    /** Reports an error; always returns empty. */
    <T> Optional<T> error(String path, String problem, Place place) {
        errors.add(new ConfigError(path, problem, place));
        return Optional.empty();
    }

    /** Reads a record; the caller reads the keys in {@code ignored}. */
    <T extends Record> Optional<T> record(ConfigNode node, String path, Class<T> type, Set<String> ignored) {
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            return error(path, "must be a mapping of keys, got " + node.text(), node.place());
        }
        List<RecordComponent> components = Components.of(type).all();
        List<String> keys = Components.of(type).keys();
        List<String> known = Components.of(type).known();
        mapping.entries().forEach((key, value) -> {
            if (!known.contains(key) && !ignored.contains(key)) {
                error(join(path, key), "is not a key here" + Keys.suggestion(key, known), value.place());
            }
        });
        @Nullable Object[] arguments = new @Nullable Object[components.size()];
        Set<String> replaced = new LinkedHashSet<>();
        for (int i = 0; i < components.size(); i++) {
            Optional<?> value = component(mapping, path, components.get(i), keys.get(i));
            if (value.isEmpty()) {
                replaced.add(keys.get(i));
            }
            arguments[i] = value.isPresent() ? value.get() : standIn(components.get(i), keys.get(i), mapping, path);
        }
        return construct(type, arguments, replaced, mapping, path);
    }

    private Optional<?> component(ConfigNode.Mapping mapping, String path, RecordComponent component, String key) {
        if (component.isAnnotationPresent(Inlined.class)) {
            Class<? extends Record> inner = component.getType().asSubclass(Record.class);
            return record(mapping, path, inner, mapping.entries().keySet());
        }
        ConfigNode given = mapping.entries().get(key);
        boolean isNull = given instanceof ConfigNode.Scalar scalar && scalar.value() == ConfigNode.Nothing.NULL;
        if (given != null && !isNull) {
            return read(given, join(path, key), component.getGenericType());
        }
        if (isOptional(component)) {
            return byDefault(component, key, mapping, path);
        }
        return error(join(path, key), "must be given" + about(component.getAnnotation(Setting.class)), mapping.place());
    }

    private static boolean isOptional(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        return (setting != null && !setting.byDefault().isEmpty()) || OptionalTypes.contain(component.getType());
    }

    /** The value of an optional component whose key is absent. */
    private Optional<?> byDefault(RecordComponent component, String key, ConfigNode.Mapping mapping, String path) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null || setting.byDefault().isEmpty()) {
            return Optional.of(OptionalTypes.absent(component.getType()));
        }
        ConfigNode byDefault = Components.of(component.getDeclaringRecord())
                .byDefault(key, setting.byDefault())
                .within(mapping.place().folder());
        return read(byDefault, join(path, key), component.getGenericType());
    }

    private static String about(Setting setting) {
        return setting == null ? "" : ": " + setting.about();
    }

    /** Reads a value of any supported type. */
    Optional<?> read(ConfigNode node, String path, Type type) {
        if (type instanceof ParameterizedType generic) {
            return generic(node, path, generic);
        }
        if (!(type instanceof Class<?> raw)) {
            return unsupported(path, type, node);
        }
        Codec<?> codec = codecs.get(raw);
        if (codec != null) {
            return codec.read(node, path, this);
        }
        if (raw.isRecord()) {
            return record(node, path, raw.asSubclass(Record.class), Set.of());
        }
        return ScalarReader.canRead(raw) ? scalars.read(node, path, raw) : unsupported(path, type, node);
    }

    private Optional<?> generic(ConfigNode node, String path, ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        if (type.getRawType() == Optional.class) {
            Optional<?> inner = read(node, path, arguments[0]);
            return inner.isPresent() ? Optional.of(inner) : inner;
        }
        if (type.getRawType() == List.class) {
            return list(node, path, arguments[0]);
        }
        boolean isMap = type.getRawType() == Map.class && arguments[0] == String.class;
        return isMap ? map(node, path, arguments[1]) : unsupported(path, type, node);
    }

    private Optional<List<Object>> list(ConfigNode node, String path, Type itemType) {
        if (!(node instanceof ConfigNode.Sequence sequence)) {
            return error(path, "must be a list, got " + node.text(), node.place());
        }
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            read(sequence.items().get(i), path + "[" + i + "]", itemType).ifPresent(items::add);
        }
        return items.size() == sequence.items().size() ? Optional.of(items) : Optional.empty();
    }

    private Optional<Map<String, Object>> map(ConfigNode node, String path, Type valueType) {
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            return error(path, "must be a mapping from names, got " + node.text(), node.place());
        }
        Map<String, Object> values = new LinkedHashMap<>();
        mapping.entries().forEach((key, value) -> read(value, join(path, key), valueType)
                .ifPresent(read -> values.put(key, read)));
        return values.size() == mapping.entries().size() ? Optional.of(values) : Optional.empty();
    }

    /** A user's record may have a component of a type that no configuration can express. */
    private Optional<?> unsupported(String path, Type type, ConfigNode node) {
        return error(
                path,
                "must be of a type that a configuration can hold, got a component of " + type.getTypeName(),
                node.place());
    }

    /**
     * Creates a record; empty if a value is invalid. To report all errors of a record at once, a value that its
     * constructor refuses is replaced by a stand-in and the constructor is called again. Errors that involve a replaced
     * value are not reported.
     *
     * @param arguments null for a component with neither a value nor a stand-in: the constructor may still refuse other
     *     values before it reads that one
     * @param replaced keys whose value could not be read
     */
    private <T extends Record> Optional<T> construct(
            Class<T> type,
            @Nullable Object[] arguments,
            Set<String> replaced,
            ConfigNode.Mapping mapping,
            String path) {
        boolean complete = replaced.isEmpty();
        while (true) {
            try {
                T record = RecordConstructor.call(type, arguments);
                return complete ? Optional.of(record) : Optional.empty();
            } catch (SettingException refused) {
                complete = false;
                if (replaced.stream().noneMatch(refused::isAbout)) {
                    refused(refused, mapping, path);
                }
                int index = Keys.of(type).indexOf(refused.key());
                if (index < 0 || !replaced.add(refused.key())) {
                    return Optional.empty();
                }
                arguments[index] = standIn(Components.of(type).all().get(index), refused.key(), mapping, path);
            } catch (NullPointerException nothing) {
                return Arrays.asList(arguments).contains(null)
                        ? Optional.empty()
                        : failed(type, nothing, mapping, path);
            } catch (IllegalArgumentException refused) {
                return replaced.isEmpty()
                        ? error(path, "refused: " + refused.getMessage(), mapping.place())
                        : Optional.empty();
            } catch (RuntimeException | LinkageError failure) {
                return failed(type, failure, mapping, path);
            }
        }
    }

    /** Reports a class that does not load, or whose constructor fails. */
    private <T> Optional<T> failed(Class<?> type, Throwable failure, ConfigNode.Mapping mapping, String path) {
        failures.add(failure);
        return error(
                path,
                "must be a record " + type.getName() + " that can be constructed, got "
                        + RecordConstructor.describe(failure, type),
                mapping.place());
    }

    /** A replacement for an invalid value: the default, else any value of the type; null if there is none. */
    private @Nullable Object standIn(RecordComponent component, String key, ConfigNode.Mapping mapping, String path) {
        if (isOptional(component)) {
            int reported = errors.size();
            Optional<?> byDefault = byDefault(component, key, mapping, path);
            errors.subList(reported, errors.size()).clear();
            return byDefault.isPresent() ? byDefault.get() : null;
        }
        return STAND_INS.get(component.getType());
    }

    /** Reports an invalid setting at the location of its value, or else at that of the record. */
    private void refused(SettingException refused, ConfigNode.Mapping mapping, String path) {
        ConfigNode culprit = mapping;
        for (String key : refused.key().split("\\.", -1)) {
            culprit = culprit instanceof ConfigNode.Mapping inner
                            && inner.entries().containsKey(key)
                    ? inner.entries().get(key)
                    : mapping;
        }
        error(join(path, refused.key()), refused.problem(), culprit.place());
    }

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
