package dpo.harness.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Reads numbers, booleans, strings, paths and constants of enums. */
final class ScalarReader {

    private static final Set<Class<?>> SCALARS = Set.of(
            double.class,
            Double.class,
            long.class,
            Long.class,
            int.class,
            Integer.class,
            boolean.class,
            Boolean.class,
            String.class,
            Path.class,
            OptionalDouble.class,
            OptionalInt.class,
            OptionalLong.class);

    private final Binder binder;

    ScalarReader(Binder binder) {
        this.binder = binder;
    }

    /** Whether a type is that of a scalar. */
    static boolean canRead(Class<?> type) {
        return type.isEnum() || SCALARS.contains(type);
    }

    /** Reads a value of a scalar type; if it is invalid, reports an error and returns empty. */
    Optional<?> read(ConfigNode node, String path, Class<?> type) {
        if (type == OptionalDouble.class) {
            return read(node, path, double.class).map(given -> OptionalDouble.of((Double) given));
        } else if (type == OptionalInt.class) {
            return read(node, path, int.class).map(given -> OptionalInt.of((Integer) given));
        } else if (type == OptionalLong.class) {
            return read(node, path, long.class).map(given -> OptionalLong.of((Long) given));
        }
        Object value = node instanceof ConfigNode.Scalar scalar ? scalar.value() : ConfigNode.Nothing.NULL;
        if (type == double.class || type == Double.class) {
            return value instanceof Number number
                    ? Optional.of(number.doubleValue())
                    : binder.error(path, "must be a number, got " + node.text(), node.place());
        }
        if (type == long.class || type == Long.class || type == int.class || type == Integer.class) {
            return integer(node, path, type, value);
        }
        if (type == boolean.class || type == Boolean.class) {
            return value instanceof Boolean
                    ? Optional.of(value)
                    : binder.error(path, "must be true or false, got " + node.text(), node.place());
        }
        if (!(value instanceof String text)) {
            return binder.error(path, "must be text, got " + node.text(), node.place());
        }
        if (type == String.class) {
            return Optional.of(text);
        }
        return type == Path.class ? path(node, path, text) : constant(node, path, type, text);
    }

    private Optional<?> integer(ConfigNode node, String path, Class<?> type, Object value) {
        if (!(value instanceof Long number)) {
            return binder.error(path, "must be a whole number, got " + node.text(), node.place());
        }
        if (type == long.class || type == Long.class) {
            return Optional.of(number);
        }
        return number == number.intValue()
                ? Optional.of(number.intValue())
                : binder.error(path, "must fit 32 bits, got " + number, node.place());
    }

    private Optional<?> path(ConfigNode node, String path, String text) {
        try {
            return Optional.of(node.place().folder().resolve(text).normalize());
        } catch (InvalidPathException e) {
            return binder.error(path, "must be a path, got " + node.text() + ": " + e.getReason(), node.place());
        }
    }

    private Optional<?> constant(ConfigNode node, String path, Class<?> type, String text) {
        List<String> known = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            known.add(Keys.value((Enum<?>) constant));
        }
        int index = known.indexOf(text);
        return index >= 0
                ? Optional.of(type.getEnumConstants()[index])
                : binder.error(
                        path, "must be one of " + String.join(", ", known) + ", got " + node.text(), node.place());
    }
}
