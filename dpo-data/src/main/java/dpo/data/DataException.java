package dpo.data;

import dpo.core.UserError;

/**
 * Data or a tokenizer that cannot be used. The message names the file, the row and the field, and is meant for the
 * person who runs the experiment.
 */
public final class DataException extends RuntimeException implements UserError {

    private static final long serialVersionUID = 1L;

    /** An error told by its message alone. */
    public DataException(String message) {
        super(message);
    }

    /** An error with the failure behind it. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
