package dpo.train.online;

import dpo.train.TrainingFailure;

/** Checks of the numbers of a step. */
final class Checks {

    private Checks() {}

    /** Requires a finite number. */
    static double requireFinite(int step, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new TrainingFailure(name + " must be finite, got " + value + " at step " + step);
        }
        return value;
    }
}
