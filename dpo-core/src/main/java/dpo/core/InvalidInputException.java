package dpo.core;

/** Data, a model or an argument that cannot be used. */
public final class InvalidInputException extends RuntimeException implements UserError {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
