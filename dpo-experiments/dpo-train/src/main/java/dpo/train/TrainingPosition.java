package dpo.train;

/**
 * A position in a training.
 *
 * @param step number of completed optimizer steps
 * @param evaluated whether the evaluation after this step, if due, is completed
 */
public record TrainingPosition(int step, boolean evaluated) {

    /** The beginning of a training. */
    public static final TrainingPosition START = new TrainingPosition(0, true);
}
