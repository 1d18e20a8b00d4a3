package dpo.harness.store;

import dpo.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/** The output folder cannot take what must be written: not writable, disk full, held by another process. */
public final class OutputException extends RuntimeException implements UserError {

    /** A problem in words. */
    public OutputException(String message) {
        super(message);
    }

    /** What the system said while writing a file. */
    public static OutputException writing(Path file, IOException cause) {
        String why = cause instanceof AccessDeniedException
                ? "permission denied"
                : cause instanceof FileAlreadyExistsException ? "a file where a folder must be" : cause.getMessage();
        OutputException wrapped = new OutputException("output must be writable, got: " + why + " (" + file + ")");
        wrapped.initCause(cause);
        return wrapped;
    }

    /** What the system said while reading a file of an output folder. */
    public static OutputException reading(Path file, Exception cause) {
        OutputException wrapped = new OutputException("file must be readable, got: " + cause + " (" + file + ")");
        wrapped.initCause(cause);
        return wrapped;
    }

    /** As {@link #writing(Path, IOException)}. */
    public static OutputException writing(Path file, UncheckedIOException cause) {
        return writing(file, cause.getCause());
    }
}
