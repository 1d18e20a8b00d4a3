package dpo.data.example;

/**
 * A row that cannot be an example. Readers turn it into a failure that names file and row, or into a counted drop, as
 * their {@code on_bad_row} says.
 */
public final class BadRowException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason snake_case word under which such rows are counted, e.g. {@code empty_completion}
     * @param message what the row must be and what it is
     */
    public BadRowException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** The word under which such rows are counted. */
    public String reason() {
        return reason;
    }
}
