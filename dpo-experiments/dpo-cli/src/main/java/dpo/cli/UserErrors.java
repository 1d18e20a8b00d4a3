package dpo.cli;

import dpo.core.InvalidInputException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** Reports exceptions that a user's data or settings cause as user errors, not as internal errors. */
final class UserErrors {

    private UserErrors() {}

    static <T> T asInvalidInput(Supplier<T> computation) {
        try {
            return computation.get();
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }
}
