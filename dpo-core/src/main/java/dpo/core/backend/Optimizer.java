package dpo.core.backend;

import java.nio.file.Path;

/** Updates the parameters of a policy from their accumulated gradient. */
public interface Optimizer extends Restorable, AutoCloseable {

    /**
     * Clips the accumulated gradient to {@link AdamW#maxGradNorm()}, updates the parameters and clears the gradient.
     * If the norm is not finite, parameters and moments are unchanged.
     *
     * @param learningRate of this step
     * @return the global L2 norm of the gradient before clipping
     */
    double step(double learningRate);

    /**
     * Replaces the accumulated gradient by the sum of those of all ranks, added in the order of ranks, so that all of them
     * hold equal bits.
     *
     * @throws IllegalArgumentException if this backend trains a model in one process only
     * @throws IllegalStateException if another process has ended
     */
    default void sumGradient(Ranks ranks) {
        if (ranks.count() > 1) {
            throw new IllegalArgumentException(
                    "ranks must be 1 for a backend that trains a model in one process, got " + ranks.count());
        }
    }

    /** Writes the optimizer's state (moments and step count) into an existing folder. */
    @Override
    void save(Path folder);

    /** Loads the state that {@link #save} wrote, bit-identically. */
    @Override
    void restore(Path folder);

    @Override
    void close();
}
