package dpo.harness.store;

import dpo.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/** Thrown if an output folder cannot be written: no permission, a full disk, a lock of another process. */
public final class OutputException extends RuntimeException implements UserError {

    /** Creates an exception with a message. */
    public OutputException(String message) {
        super(message);
    }

    /** Wraps an {@link IOException} or {@link UncheckedIOException} of the system while a file is written. */
    public static OutputException writing(Path file, Exception thrown) {
        boolean isWrapped = thrown instanceof UncheckedIOException;
        Exception cause = isWrapped && thrown.getCause() instanceof IOException inner ? inner : thrown;
        String why = cause instanceof AccessDeniedException
                ? "permission denied"
                : cause instanceof FileAlreadyExistsException ? "a file where a folder must be" : cause.getMessage();
        OutputException wrapped = new OutputException("output must be writable, got: " + why + " (" + file + ")");
        wrapped.initCause(cause);
        return wrapped;
    }

    /** Wraps an error of the system while a file of an output folder is read. */
    public static OutputException reading(Path file, Exception cause) {
        OutputException wrapped = new OutputException("file must be readable, got: " + cause + " (" + file + ")");
        wrapped.initCause(cause);
        return wrapped;
    }
}
