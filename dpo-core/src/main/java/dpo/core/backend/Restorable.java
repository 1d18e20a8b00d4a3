package dpo.core.backend;

import java.nio.file.Path;

/** State that a checkpoint holds: a model, or an optimizer. */
public interface Restorable {

    /** Writes the state into an existing empty folder. */
    void save(Path folder);

    /** Loads the state that {@link #save} wrote, bit-identically. */
    void restore(Path folder);
}
