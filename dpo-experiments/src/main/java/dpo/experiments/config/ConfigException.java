package dpo.experiments.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used; the message lists everything that is wrong with it, one line each. */
public final class ConfigException extends RuntimeException {

    private final transient List<ConfigError> errors;

    /** Some errors, at least one. */
    public ConfigException(List<ConfigError> errors) {
        super(errors.stream().distinct().map(ConfigError::toString).collect(Collectors.joining("\n")));
        this.errors = List.copyOf(errors);
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
