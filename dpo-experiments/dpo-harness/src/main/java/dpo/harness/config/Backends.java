package dpo.harness.config;

import dpo.core.backend.Backend;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The backends on the class path, by name. */
public final class Backends {

    private final Map<String, Backend<?>> byName = new TreeMap<>();

    private Backends() {
        try {
            for (Backend<?> backend : ServiceLoader.load(Backend.class)) {
                Backend<?> other = byName.put(backend.name(), backend);
                if (other != null) {
                    String classes = other.getClass().getName() + " and "
                            + backend.getClass().getName();
                    throw refused(
                            "backends must have a name each, got " + backend.name() + " for " + classes, List.of());
                }
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            String cause = e.getCause() == null ? "" : ": " + e.getCause();
            throw refused("backends must load, got " + e + cause, List.of(e));
        }
    }

    private static ConfigException refused(String problem, List<Throwable> failures) {
        ConfigError error = new ConfigError("", problem, new Place("class path", 0, 0, Path.of("")));
        return new ConfigException(List.of(error), failures);
    }

    /**
     * The backends whose jars are on the class path, whether or not they are available on this machine.
     *
     * @throws ConfigException if one of them cannot be loaded, or two have the same name
     */
    public static Backends onClassPath() {
        return new Backends();
    }

    /** The backend of that name. */
    public Optional<Backend<?>> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** All backends, sorted by name. */
    public Collection<Backend<?>> all() {
        return byName.values();
    }

    /** The names of all backends. */
    public Collection<String> names() {
        return byName.keySet();
    }
}
