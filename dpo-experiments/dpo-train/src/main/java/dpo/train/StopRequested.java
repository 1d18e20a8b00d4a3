package dpo.train;

import java.util.function.BooleanSupplier;

/** Ends a long task at a boundary from which it can go on, because a stop was requested. */
public final class StopRequested extends RuntimeException {

    public StopRequested() {
        super("stop requested", null, false, false);
    }

    /** Asks, and throws where the answer is yes. */
    public static void throwIf(BooleanSupplier stopRequested) {
        if (stopRequested.getAsBoolean()) {
            throw new StopRequested();
        }
    }
}
