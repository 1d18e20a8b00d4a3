package dpo.data.format;

import dpo.data.source.Format;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Formats by the name in their {@link Format} annotation. */
final class FormatRegistry {

    private FormatRegistry() {}

    static <S> Map<String, Class<? extends S>> byName(List<Class<? extends S>> formats) {
        Map<String, Class<? extends S>> byName = new LinkedHashMap<>();
        for (Class<? extends S> format : formats) {
            byName.put(format.getAnnotation(Format.class).value(), format);
        }
        return Collections.unmodifiableMap(byName);
    }
}
