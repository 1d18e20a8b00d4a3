package dpo.harness.config;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The types of settings whose key may be absent: {@link Optional} and those of numbers. */
final class OptionalTypes {

    private static final Map<Class<?>, Object> ABSENT = Map.of(
            Optional.class, Optional.empty(),
            OptionalDouble.class, OptionalDouble.empty(),
            OptionalInt.class, OptionalInt.empty(),
            OptionalLong.class, OptionalLong.empty());

    private OptionalTypes() {}

    static boolean contain(Class<?> type) {
        return ABSENT.containsKey(type);
    }

    /** The value of an absent key. */
    static Object absent(Class<?> type) {
        return Objects.requireNonNull(ABSENT.get(type), type.getName());
    }

    /** The value inside of one of these types; empty if the key is absent. */
    static Optional<?> inner(Object value) {
        if (value.equals(ABSENT.get(value.getClass()))) {
            return Optional.empty();
        } else if (value instanceof OptionalDouble number) {
            return Optional.of(number.getAsDouble());
        } else if (value instanceof OptionalInt number) {
            return Optional.of(number.getAsInt());
        }
        return value instanceof OptionalLong number ? Optional.of(number.getAsLong()) : (Optional<?>) value;
    }
}
