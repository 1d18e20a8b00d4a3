package dpo.data.format;

import dpo.data.example.BadRowException;
import java.util.Optional;

/** Whether the rows of a file have a column {@code prompt}; the first usable row decides. */
final class PromptShape {

    private Optional<Boolean> explicit = Optional.empty();

    /** Refuses a row that differs from the preceding usable rows. */
    void require(boolean here) {
        if (explicit.isPresent() && explicit.get() != here) {
            throw new BadRowException(
                    "missing_field",
                    "prompt must be given in all rows or in none, got a row " + (here ? "with" : "without") + " it");
        }
    }

    /** Records a usable row. */
    void decide(boolean here) {
        explicit = Optional.of(here);
    }
}
