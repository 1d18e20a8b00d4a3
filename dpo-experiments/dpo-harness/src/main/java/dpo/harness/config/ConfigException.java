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
        super(message(errors.stream().map(ConfigError::toString).distinct().toList()));
        this.errors = List.copyOf(errors);
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
