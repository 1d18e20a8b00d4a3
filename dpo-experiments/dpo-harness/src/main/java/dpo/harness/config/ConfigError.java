package dpo.harness.config;

import java.util.Collection;

/**
 * One error in a configuration.
 *
 * @param path dotted path of the key; empty for the file as a whole
 * @param problem constraint and value: "must be positive, got -1"
 * @param place its location
 */
public record ConfigError(String path, String problem, Place place) {

    /**
     * Creates the error for an unknown name, with the nearest known names as a suggestion.
     *
     * @param path dotted path of the key
     * @param problem the problem, before the suggestion: "is not a key here"
     * @param given the name
     * @param known the valid names
     */
    public static ConfigError unknown(
            String path, String problem, String given, Collection<String> known, Place place) {
        return new ConfigError(path, problem + Keys.suggestion(given, known), place);
    }

    /** The end of a message about an unknown name: the nearest known names, and all of them if they are not many. */
    public static String suggestion(String given, Collection<String> known) {
        return Keys.suggestion(given, known);
    }

    /** The same error of a key within another. */
    ConfigError within(String outer) {
        return new ConfigError(Binder.join(outer, path), problem, place);
    }

    @Override
    public String toString() {
        return (path.isEmpty() ? "" : MessageText.shortened(path) + " ") + problem + " (" + place + ")";
    }
}
