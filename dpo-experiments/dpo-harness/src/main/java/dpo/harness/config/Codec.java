package dpo.harness.config;

import java.util.Optional;

/**
 * Reads and writes a type that is not a plain record.
 *
 * @param <T> the type
 */
interface Codec<T> {

    /** Reads a value; if it is invalid, reports errors to the binder and returns empty. */
    Optional<T> read(ConfigNode node, String path, Binder binder);

    /** The value as plain data (Map, List, String, Long, Double, Boolean) that {@link #read} accepts. */
    Object write(T value, ConfigWriter writer);
}
