package dpo.data.example;

/**
 * Thrown for a row that cannot be an example. Depending on {@code on_bad_row}, readers stop with an error that names
 * file and row, or drop and count the row.
 */
public final class BadRowException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason key of the count of such rows in snake_case, e.g. {@code empty_completion}
     * @param message the constraint and the value of the row
     */
    public BadRowException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** The key of the count of such rows. */
    public String reason() {
        return reason;
    }
}
