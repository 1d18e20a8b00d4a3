package dpo.harness.config;

import dpo.core.UserError;
import java.util.List;
import java.util.stream.Collectors;

/** Thrown for an invalid configuration; the message lists its errors, one per line. */
public final class ConfigException extends RuntimeException implements UserError {

    /** Maximum number of errors that the message lists; further ones are only counted. */
    static final int MOST_SHOWN = 100;

    private final transient List<ConfigError> errors;

    /** Creates an exception for at least one error. */
    public ConfigException(List<ConfigError> errors) {
        this(errors, List.of());
    }

    /** Creates an exception for errors, some of which are failures of a user's own classes: its suppressed exceptions. */
    ConfigException(List<ConfigError> errors, List<Throwable> failures) {
        super(message(errors.stream().map(ConfigError::toString).distinct().toList()));
        this.errors = List.copyOf(errors);
        failures.stream().limit(MOST_SHOWN).forEach(this::addSuppressed);
    }

    private static String message(List<String> lines) {
        int more = lines.size() - MOST_SHOWN;
        return lines.stream().limit(MOST_SHOWN).collect(Collectors.joining("\n"))
                + (more > 0 ? "\nand " + more + " further errors" : "");
    }

    /** Creates an exception for one error. */
    public ConfigException(ConfigError error) {
        this(List.of(error));
    }

    /** The errors in the order of the file. */
    public List<ConfigError> errors() {
        return errors;
    }
}
