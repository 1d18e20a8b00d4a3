package dpo.train;

import dpo.core.backend.Restorable;
import java.util.Map;

/**
 * The steps of a training, which {@link TrainingLoop} takes in order. A step depends only on its number, on the state of
 * the models and optimizers, and on the numbers carried from the step before it, so that a training can resume at any
 * step.
 */
public interface TrainingSteps extends AutoCloseable {

    /** Number of steps. */
    int count();

    /**
     * Checks what must hold before the first step.
     *
     * @throws TrainingFailure if it does not
     */
    default void begin() {}

    /**
     * Takes a step.
     *
     * @param step its number, from 1
     * @param carried numbers carried from the previous step
     * @throws TrainingFailure if a loss or gradient is not finite
     */
    StepReport take(int step, Map<String, Double> carried);

    /**
     * All models and optimizers that a step changes, by name; {@code policy} is always one of them. A checkpoint is made
     * of them.
     */
    Map<String, Restorable> state();

    /** Closes the optimizers. */
    @Override
    void close();
}
