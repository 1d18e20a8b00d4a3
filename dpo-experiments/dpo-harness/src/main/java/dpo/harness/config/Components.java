package dpo.harness.config;

import dpo.core.setting.Inlined;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * The components of a record type. Each type is asked once, since reflection parses the annotations of a component anew
 * for each caller, and a large sweep binds thousands of configurations.
 *
 * @param all in order
 * @param keys the key of each
 * @param known the keys of a configuration: those of {@link Inlined} records in their places
 * @param defaults the defaults that were asked for, parsed, by key
 */
record Components(
        List<RecordComponent> all, List<String> keys, List<String> known, ConcurrentMap<String, ConfigNode> defaults) {

    private static final ClassValue<Components> BY_TYPE = new ClassValue<>() {
        @Override
        protected Components computeValue(Class<?> type) {
            List<RecordComponent> all = List.of(type.getRecordComponents());
            return new Components(
                    all,
                    all.stream().map(component -> Keys.key(component.getName())).toList(),
                    all.stream().flatMap(Components::keys).toList(),
                    new ConcurrentHashMap<>());
        }
    };

    private static Stream<String> keys(RecordComponent component) {
        return component.isAnnotationPresent(Inlined.class)
                ? of(component.getType()).known().stream()
                : Stream.of(Keys.key(component.getName()));
    }

    /**
     * The default of a setting, of a file in the working folder.
     *
     * @param text its YAML
     */
    ConfigNode byDefault(String key, String text) {
        return defaults.computeIfAbsent(key, absent -> YamlReader.read(text, "default of " + absent, Path.of("")));
    }

    static Components of(Class<?> type) {
        return BY_TYPE.get(type);
    }
}
