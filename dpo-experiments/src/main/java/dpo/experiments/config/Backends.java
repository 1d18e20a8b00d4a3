package dpo.experiments.config;

import dpo.core.backend.Backend;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The engines on the class path, by name. */
public final class Backends {

    private final Map<String, Backend<?>> byName = new TreeMap<>();

    private Backends() {
        for (Backend<?> backend : ServiceLoader.load(Backend.class)) {
            byName.put(backend.name(), backend);
        }
    }

    /** The engines whose jars are on the class path, available on this machine or not. */
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
