package dpo.core.backend;

/** Whether an engine can run on a device; if not, why, in words that say what to do. */
public sealed interface Availability {

    /** The engine can run. */
    record Available() implements Availability {}

    /**
     * The engine cannot run.
     *
     * @param reason what is missing and how to get it
     */
    record Missing(String reason) implements Availability {}
}
