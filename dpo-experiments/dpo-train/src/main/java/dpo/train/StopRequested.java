package dpo.train;

import java.util.function.BooleanSupplier;

/** Ends a long task, because a stop was requested, at a point from which it can be resumed. */
public final class StopRequested extends RuntimeException {

    public StopRequested() {
        super("stop requested", null, false, false);
    }

    /** Throws if a stop was requested. */
    public static void throwIf(BooleanSupplier stopRequested) {
        if (stopRequested.getAsBoolean()) {
            throw new StopRequested();
        }
    }
}
