package dpo.train;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;

/**
 * The learning rate of each optimizer step as a fraction of the peak, with transformers' semantics.
 *
 * <pre>
 *  warm-up   k / warmup_steps                                   for steps k &lt; warmup_steps; the first is 0
 *  constant  1
 *  linear    (K − k) / (K − warmup_steps)
 *  cosine    ½ (1 + cos(π (k − warmup_steps) / (K − warmup_steps)))
 * </pre>
 *
 * where k counts optimizer steps from 0 and K is their number.
 *
 * @param type shape after the warm-up
 * @param warmupSteps length of the linear warm-up
 */
public record LearningRateSchedule(
        @Setting(about = "constant, linear (to 0) or cosine (to 0)", byDefault = "constant")
        Type type,

        @Setting(about = "optimizer steps of linear warm-up from 0", byDefault = "0")
        int warmupSteps) {

    /** Shape after the warm-up. */
    public enum Type {
        /** Stays at the peak. */
        CONSTANT,
        /** Decreases linearly and reaches 0 after the last step. */
        LINEAR,
        /** Decreases along half a cosine and reaches 0 after the last step. */
        COSINE
    }

    public LearningRateSchedule {
        Requirement.atLeast("warmup_steps", warmupSteps, 0);
    }

    /**
     * The fraction of the peak learning rate.
     *
     * @param step optimizer step k, from 0
     * @param steps number of optimizer steps K
     */
    public double factor(int step, int steps) {
        if (step < warmupSteps) {
            return (double) step / warmupSteps;
        }
        double progress = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
        return switch (type) {
            case CONSTANT -> 1;
            case LINEAR -> Math.max(0, 1 - progress);
            case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
        };
    }
}
