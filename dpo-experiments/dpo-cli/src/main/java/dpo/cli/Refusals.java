package dpo.cli;

import dpo.core.InvalidInputException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** What the mathematics refuses about a user's data is the user's to mend, not a fault of the program. */
final class Refusals {

    private Refusals() {}

    static <T> T asInvalidInput(Supplier<T> computation) {
        try {
            return computation.get();
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }
}
