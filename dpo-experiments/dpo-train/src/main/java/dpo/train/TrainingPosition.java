package dpo.train;

/**
 * How far a training is.
 *
 * @param step optimizer steps done
 * @param evaluated whether nothing is left to be done before the next step
 */
public record TrainingPosition(int step, boolean evaluated) {

    /** Where a training begins. */
    public static final TrainingPosition START = new TrainingPosition(0, true);
}
