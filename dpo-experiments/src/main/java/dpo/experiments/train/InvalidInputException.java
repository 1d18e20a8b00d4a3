package dpo.experiments.train;

/** Data or a model that cannot be used: what must hold, what was found, and where. */
public final class InvalidInputException extends RuntimeException {

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
