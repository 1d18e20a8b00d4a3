package dpo.data.format;

import dpo.data.source.Format;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Formats by the name on their record, and by class name. */
final class FormatRegistry<S> {

    private final Class<S> kind;
    private final Map<String, Class<? extends S>> byName;

    FormatRegistry(Class<S> kind, List<Class<? extends S>> formats) {
        this.kind = kind;
        Map<String, Class<? extends S>> map = new LinkedHashMap<>();
        for (Class<? extends S> format : formats) {
            map.put(format.getAnnotation(Format.class).value(), format);
        }
        this.byName = Collections.unmodifiableMap(map);
    }

    Map<String, Class<? extends S>> all() {
        return byName;
    }

    Class<? extends S> find(String name) {
        Class<? extends S> known = byName.get(name);
        return known != null ? known : named(name);
    }

    private Class<? extends S> named(String name) {
        try {
            Class<?> type = Class.forName(name, false, Thread.currentThread().getContextClassLoader());
            if (type.isRecord() && kind.isAssignableFrom(type)) {
                return type.asSubclass(kind);
            }
            throw new IllegalArgumentException(
                    "format must be a record that is a " + kind.getSimpleName() + ", got the class " + name);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(
                    "format must be one of " + byName.keySet() + " or the class name of a record, got " + name, e);
        }
    }
}
