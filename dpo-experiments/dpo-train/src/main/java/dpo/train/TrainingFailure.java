package dpo.train;

/** Training that cannot go on, such as a loss that is not a number; a repeat would end the same way. */
public final class TrainingFailure extends RuntimeException {

    public TrainingFailure(String message) {
        super(message);
    }
}
