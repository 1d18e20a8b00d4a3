package dpo.harness.config;

import dpo.core.setting.Inlined;
import dpo.core.setting.Setting;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Writes records back as plain data or YAML, with all defaults: the inverse of {@link Binder}. */
final class ConfigWriter {

    private final Map<Class<?>, Codec<?>> codecs;
    private final Predicate<RecordComponent> written;
    private final UnaryOperator<Path> paths;

    /** Creates a writer of all settings. */
    ConfigWriter(Map<Class<?>, Codec<?>> codecs) {
        this(codecs, component -> true, UnaryOperator.identity());
    }

    private ConfigWriter(
            Map<Class<?>, Codec<?>> codecs, Predicate<RecordComponent> written, UnaryOperator<Path> paths) {
        this.codecs = codecs;
        this.written = written;
        this.paths = paths;
    }

    /** Creates a writer of all settings with each path replaced. */
    static ConfigWriter moving(Map<Class<?>, Codec<?>> codecs, UnaryOperator<Path> paths) {
        return new ConfigWriter(codecs, component -> true, paths);
    }

    /**
     * Creates a writer for a run's identity. It omits paths, because the content of the files is hashed instead, and
     * settings that cannot change results.
     */
    static ConfigWriter ofIdentity(Map<Class<?>, Codec<?>> codecs) {
        return new ConfigWriter(
                codecs, component -> !holdsPath(component) && changesResults(component), UnaryOperator.identity());
    }

    private static boolean holdsPath(RecordComponent component) {
        return component.getGenericType().getTypeName().contains(Path.class.getName());
    }

    private static boolean changesResults(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        return setting == null || setting.changesResults();
    }

    /** YAML of a record, block style. */
    static String yaml(Object plain) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(120)
                .build();
        return new Dump(settings).dumpToString(plain);
    }

    /** A record as a mapping, in the order of its components; empty options are left out. */
    Map<String, Object> record(Record value) {
        Map<String, Object> plain = new LinkedHashMap<>();
        for (RecordComponent component : components(value)) {
            Object part = get(component, value);
            if (component.isAnnotationPresent(Inlined.class)) {
                plain.putAll(record((Record) part));
            } else {
                plain(component.getType(), part)
                        .ifPresent(written -> plain.put(Keys.key(component.getName()), written));
            }
        }
        return plain;
    }

    private List<RecordComponent> components(Record value) {
        return Components.of(value.getClass()).all().stream().filter(written).toList();
    }

    private Optional<Object> plain(Class<?> type, Object value) {
        if (OptionalTypes.contain(value.getClass())) {
            return OptionalTypes.inner(value).flatMap(inner -> plain(inner.getClass(), inner));
        }
        return Optional.of(write(type, value));
    }

    @SuppressWarnings("unchecked") // a codec is registered under the class it reads and writes
    private Object write(Class<?> type, Object value) {
        Optional<Codec<?>> codec = codecFor(type, value);
        if (codec.isPresent()) {
            return ((Codec<Object>) codec.get()).write(value, this);
        } else if (value instanceof Record record) {
            return record(record);
        } else if (value instanceof List<?> list) {
            return list.stream().map(item -> write(item.getClass(), item)).toList();
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Object> plain = new LinkedHashMap<>();
            map.forEach((key, item) -> plain.put((String) key, write(item.getClass(), item)));
            return plain;
        } else if (value instanceof Enum<?> constant) {
            return Keys.value(constant);
        }
        return value instanceof Path path ? paths.apply(path).toString() : value;
    }

    /** A component declared as an interface is written by that interface's codec, for any class of the value. */
    private Optional<Codec<?>> codecFor(Class<?> declared, Object value) {
        return Optional.<Codec<?>>ofNullable(codecs.get(declared)).or(() -> codecs.entrySet().stream()
                .filter(entry ->
                        entry.getKey() != Record.class && entry.getKey().isInstance(value))
                .<Codec<?>>map(Map.Entry::getValue)
                .findFirst());
    }

    private static Object get(RecordComponent component, Record value) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(
                    "settings record must be readable: " + value.getClass().getName(), e);
        }
    }
}
