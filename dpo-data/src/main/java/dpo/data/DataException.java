package dpo.data;

import dpo.core.UserError;

/**
 * Thrown for an error in data or in the files of a tokenizer. The message names file, row and field.
 */
public final class DataException extends RuntimeException implements UserError {

    private static final long serialVersionUID = 1L;

    /** An error with a message. */
    public DataException(String message) {
        super(message);
    }

    /** An error with a message and a cause. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
