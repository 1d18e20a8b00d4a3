package dpo.experiments.config;

/**
 * One thing wrong with a configuration.
 *
 * @param path dotted path of the key; empty for the file as a whole
 * @param problem constraint and value: "must be positive, got -1"
 * @param place where it was written
 */
public record ConfigError(String path, String problem, Place place) {

    @Override
    public String toString() {
        return (path.isEmpty() ? "" : path + " ") + problem + " (" + place + ")";
    }
}
