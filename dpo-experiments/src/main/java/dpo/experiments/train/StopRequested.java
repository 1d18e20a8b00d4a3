package dpo.experiments.train;

/** Ends a long task at a boundary from which it can go on, because a stop was requested. */
final class StopRequested extends RuntimeException {

    StopRequested() {
        super("stop requested", null, false, false);
    }
}
