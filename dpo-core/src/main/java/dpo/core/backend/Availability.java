package dpo.core.backend;

/** Whether a backend can run on a device, and if not, what is missing. */
public sealed interface Availability {

    /** The backend can run. */
    record Available() implements Availability {}

    /**
     * The backend cannot run.
     *
     * @param reason what is missing and how to get it
     */
    record Missing(String reason) implements Availability {}
}
