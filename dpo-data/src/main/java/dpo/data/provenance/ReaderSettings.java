package dpo.data.provenance;

import dpo.core.setting.Inlined;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The settings of a reader in the form of a configuration file: snake_case keys, lower-case choices. */
public final class ReaderSettings {

    private ReaderSettings() {}

    /** Keys and values of all components of a settings record except empty optionals. */
    public static Map<String, String> of(Record reader) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (RecordComponent component : reader.getClass().getRecordComponents()) {
            Object value = value(reader, component);
            if (component.isAnnotationPresent(Inlined.class)) {
                settings.putAll(of((Record) value));
            } else {
                written(value).ifPresent(text -> settings.put(key(component.getName()), text));
            }
        }
        return settings;
    }

    /** The key of a component: {@code on_bad_row} for {@code onBadRow}. */
    private static String key(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    private static Optional<String> written(Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.flatMap(ReaderSettings::written);
        }
        return Optional.of(value instanceof Enum<?> choice ? choice.name().toLowerCase(Locale.ROOT) : value.toString());
    }

    private static Object value(Record reader, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(reader);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    "reader must have readable settings, got "
                            + reader.getClass().getName(),
                    e);
        }
    }
}
