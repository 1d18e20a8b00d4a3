package dpo.harness.config;

import dpo.core.UserError;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used; the message lists what is wrong with it, one line each. */
public final class ConfigException extends RuntimeException implements UserError {

    /** More errors than these are counted. */
    static final int MOST_SHOWN = 100;

    private final transient List<ConfigError> errors;

    /** Some errors, at least one. */
    public ConfigException(List<ConfigError> errors) {
        super(message(errors.stream().map(ConfigError::toString).distinct().toList()));
        this.errors = List.copyOf(errors);
    }

    private static String message(List<String> lines) {
        int more = lines.size() - MOST_SHOWN;
        return lines.stream().limit(MOST_SHOWN).collect(Collectors.joining("\n"))
                + (more > 0 ? "\nand " + more + " further errors" : "");
    }

    /** A single error. */
    public ConfigException(ConfigError error) {
        this(List.of(error));
    }

    /** The errors in the order of the file. */
    public List<ConfigError> errors() {
        return errors;
    }
}
