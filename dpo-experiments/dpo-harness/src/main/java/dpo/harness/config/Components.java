package dpo.harness.config;

import java.lang.reflect.RecordComponent;
import java.util.List;

/**
 * The components of record types. Each type is asked once, since reflection parses the annotations of a component anew
 * for each caller, and a large sweep binds thousands of configurations.
 */
final class Components {

    private static final ClassValue<List<RecordComponent>> BY_TYPE = new ClassValue<>() {
        @Override
        protected List<RecordComponent> computeValue(Class<?> type) {
            return List.of(type.getRecordComponents());
        }
    };

    private Components() {}

    /** The components of a record type, in order. */
    static List<RecordComponent> of(Class<?> type) {
        return BY_TYPE.get(type);
    }
}
