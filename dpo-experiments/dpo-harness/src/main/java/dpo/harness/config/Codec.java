package dpo.harness.config;

import java.util.Optional;

/**
 * How a type that is not a plain record is read from and written to a configuration.
 *
 * @param <T> the type
 */
interface Codec<T> {

    /** Reads a value; reports to the binder and is empty where it cannot. */
    Optional<T> read(ConfigNode node, String path, Binder binder);

    /** The value as plain data (Map, List, String, Long, Double, Boolean) that {@link #read} takes back. */
    Object write(T value, ConfigWriter writer);
}
