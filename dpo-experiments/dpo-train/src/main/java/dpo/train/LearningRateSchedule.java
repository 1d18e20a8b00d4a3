package dpo.train;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import java.util.Optional;

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
 * @param warmupRatio the same as a share of all steps, which then gives warmup_steps = ⌈warmup_ratio · K⌉
 */
public record LearningRateSchedule(
        @Setting(about = "constant, linear (to 0) or cosine (to 0)", byDefault = "constant")
        Type type,

        @Setting(about = "optimizer steps of linear warm-up from 0", byDefault = "0")
        int warmupSteps,

        @Setting(about = "share in [0, 1) of all optimizer steps that are warm-up, instead of warmup_steps")
        Optional<Double> warmupRatio) {

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
        warmupRatio.ifPresent(share -> Requirement.within("warmup_ratio", share, 0, 1));
        if (warmupRatio.isPresent() && warmupSteps > 0) {
            throw new SettingException(
                    "warmup_ratio", "must be absent if warmup_steps is given", warmupRatio.get(), "warmup_steps");
        }
    }

    /** A schedule whose warm-up is a number of steps. */
    public LearningRateSchedule(Type type, int warmupSteps) {
        this(type, warmupSteps, Optional.empty());
    }

    /** Number of steps of the warm-up, of K steps: {@code ⌈warmup_ratio · K⌉} if it is a share. */
    public int warmup(int steps) {
        return warmupRatio.map(share -> (int) Math.ceil(share * steps)).orElse(warmupSteps);
    }

    /**
     * The fraction of the peak learning rate.
     *
     * @param step optimizer step k, from 0
     * @param steps number of optimizer steps K
     */
    public double factor(int step, int steps) {
        int warmup = warmup(steps);
        if (step < warmup) {
            return (double) step / warmup;
        }
        double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
        return switch (type) {
            case CONSTANT -> 1;
            case LINEAR -> Math.max(0, 1 - progress);
            case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
        };
    }
}
