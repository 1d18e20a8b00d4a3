package dpo.train;

/** Training cannot continue, for example because of a NaN loss. The failure is deterministic. */
public final class TrainingFailure extends RuntimeException {

    public TrainingFailure(String message) {
        super(message);
    }
}
