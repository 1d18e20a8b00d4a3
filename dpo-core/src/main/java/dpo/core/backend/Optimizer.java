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
     * Ends a share of a step, of which this process computes several: adds the accumulated gradient to those of its earlier
     * shares, and clears it. {@link #sumGradient} gives the sum back.
     *
     * @throws IllegalArgumentException if this backend does not divide steps
     */
    default void endShare() {
        throw new IllegalArgumentException("ranks must be 1 with a backend that does not divide steps");
    }

    /**
     * Replaces the accumulated gradient by the sum of those of all shares, of which there are several, added in the order of
     * shares, so that all processes hold equal bits. A process that computes several shares has ended each of them by
     * {@link #endShare}; the bits are those of one process per share.
     *
     * @throws IllegalArgumentException if this backend does not divide steps
     * @throws IllegalStateException if another process has ended
     */
    default void sumGradient(Ranks ranks) {
        throw new IllegalArgumentException(
                "ranks must be 1 with a backend that does not divide steps, got " + ranks.shares());
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
