package dpo.core;

/** Thrown if data, a model or an argument cannot be used. */
public final class InvalidInputException extends RuntimeException implements UserError {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
