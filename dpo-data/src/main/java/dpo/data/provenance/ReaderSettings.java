package dpo.data.provenance;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The settings of a reader as they would be written in a configuration file: snake_case keys, lower-case choices. */
public final class ReaderSettings {

    private ReaderSettings() {}

    /** Key and value of every component of a settings record; an empty optional is left out. */
    public static Map<String, String> of(Record reader) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (RecordComponent component : reader.getClass().getRecordComponents()) {
            written(value(reader, component)).ifPresent(text -> settings.put(key(component.getName()), text));
        }
        return settings;
    }

    /** {@code onBadRow} as {@code on_bad_row}. */
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
            throw new IllegalArgumentException("reader must have readable settings, got " + reader.getClass().getName(),
                    e);
        }
    }
}
