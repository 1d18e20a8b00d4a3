package dpo.harness.config;

import dpo.core.backend.Backend;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The engines on the class path, by name. */
public final class Backends {

    private final Map<String, Backend<?>> byName = new TreeMap<>();

    private Backends() {
        try {
            for (Backend<?> backend : ServiceLoader.load(Backend.class)) {
                Backend<?> other = byName.put(backend.name(), backend);
                if (other != null) {
                    throw refused("backends must have a name each, got " + backend.name() + " for "
                            + other.getClass().getName() + " and " + backend.getClass().getName());
                }
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            throw refused("backends must load, got " + e);
        }
    }

    private static ConfigException refused(String problem) {
        return new ConfigException(new ConfigError("", problem, new Place("class path", 0, 0, Path.of(""))));
    }

    /**
     * The engines whose jars are on the class path, available on this machine or not.
     *
     * @throws ConfigException where one of them cannot be loaded, or two have one name
     */
    public static Backends onClassPath() {
        return new Backends();
    }

    /** The engine of that name. */
    public Optional<Backend<?>> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** All engines, by name. */
    public Collection<Backend<?>> all() {
        return byName.values();
    }

    /** Names of all engines. */
    public Collection<String> names() {
        return byName.keySet();
    }
}
