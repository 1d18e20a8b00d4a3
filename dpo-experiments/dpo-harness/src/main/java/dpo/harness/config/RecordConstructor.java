package dpo.harness.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Calls the constructor of a record, which may be a user's own. */
final class RecordConstructor {

    private RecordConstructor() {}

    /**
     * Creates a record.
     *
     * @throws RuntimeException the one that the constructor throws
     * @throws LinkageError if the class does not load
     */
    static <T extends Record> T call(Class<T> type, @Nullable Object[] arguments) {
        try {
            var constructor = type.getDeclaredConstructor(Components.of(type).all().stream()
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            } else if (e.getCause() instanceof LinkageError broken) {
                throw broken;
            }
            throw new IllegalStateException("constructor failed: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("constructor must be accessible", e);
        }
    }

    /** A failure of a constructor with the line of the class, or of one inside of it, that failed. */
    static String describe(Throwable failure, Class<?> type) {
        Throwable cause = failure instanceof ExceptionInInitializerError && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return Arrays.stream(cause.getStackTrace())
                .filter(frame -> frame.getClassName().equals(type.getName())
                        || frame.getClassName().startsWith(type.getName() + "$"))
                .findFirst()
                .map(frame -> cause + " at " + frame)
                .orElse(cause.toString());
    }
}
